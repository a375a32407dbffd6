import { expect } from 'chai'
import { engines } from '../support/engines.ts'
import { formsIn } from '../support/visitor.ts'
import { ADA, type Answer, authUrl, type House, openHouse, send } from './house.ts'

const [engine] = engines()

describe('S08 O17 the cookies of an https issuer', function () {
  if (!engine) return
  this.timeout(30_000)
  let house: House
  const jar = new Map<string, string>()
  const lines: string[] = []

  before(async () => {
    house = await openHouse(engine, {
      env: {
        ISSUER: 'https://id.example.com',
        TRUSTED_PROXIES: '127.0.0.0/8',
      },
    })
  })
  after(() => house?.stop())

  async function visit(url: string, form?: Record<string, string>): Promise<Answer> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await send(house, url.replace(house.url, ''), {
      at: `http://127.0.0.1:${house.config.port}`,
      headers: {
        accept: 'text/html',
        'x-forwarded-proto': 'https',
        origin: house.url,
        ...(cookie && { cookie }),
      },
      ...(form && { form }),
    })
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
      lines.push(line)
    }
    return answer
  }

  it('are this very host’s or one path’s, unreadable for scripts, never sent in clear or along from elsewhere', async () => {
    const page = await visit(authUrl(house))
    expect(page.status).to.equal(200)
    const form = formsIn(page.text).find(({ action }) => action.includes('/sign-in'))
    const done = await visit(String(form?.action), { ...form?.hidden, ...ADA })
    // Never 307, which would carry the password on (RFC 9700 §4.12).
    expect([done.status, String(done.headers.location ?? done.text)].join()).to.match(
      /^(200|303),[\s\S]*code=/,
    )
    const enter = await visit('/account/email')
    expect(enter.status).to.equal(200)

    for (const line of lines) {
      const [pair = '', ...attributes] = line.toLowerCase().split('; ')
      const isOfPath = attributes.find((one) => one.startsWith('path=')) !== 'path=/'
      expect(pair, line).to.match(isOfPath ? /^__secure-(interaction|resume|request)=/ : /^__host-/)
      expect(attributes, line).to.include.members(['secure', 'httponly', 'samesite=lax'])
      expect(attributes.join(), line).not.to.include('domain')
    }
    expect([...jar.keys()]).to.have.members([
      '__Secure-interaction',
      '__Secure-resume',
      '__Secure-request',
      '__Host-session',
      '__Host-maitred-csrf',
      '__Host-maitred-devices',
    ])
    // S01: 128 bits at the least.
    expect(Buffer.from(jar.get('__Host-session') ?? '', 'base64url').length).to.be.at.least(16)
  })
})
