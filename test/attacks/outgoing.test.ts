import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { expect } from 'chai'
import { type RunningApp, startApp } from '../support/app.ts'
import { makeCertificate } from '../support/certificate.ts'
import { engines } from '../support/engines.ts'
import { CALLBACK } from '../support/restaurant.ts'

const [engine] = engines()

describe('W08 ZITADEL 35 requests to where an application says', function () {
  if (!engine) return
  this.timeout(30_000)
  const { cert, key } = makeCertificate()
  const trusted = tls.getCACertificates('default')
  const asked: string[] = []
  let answer: (host: string) => { status: number; location?: string } = () => ({ status: 200 })
  const inside = createServer({ cert, key }, (req, res) => {
    asked.push(`${req.method} ${req.url}`)
    const { status, location } = answer(String(req.headers.host))
    res.writeHead(status, location === undefined ? {} : { location }).end()
  })
  let app: RunningApp
  let port: number

  before(async () => {
    // As if the stranger had a certificate that everybody trusts: what refuses must be the address itself.
    tls.setDefaultCACertificates([...trusted, cert])
    await new Promise<void>((resolve) => inside.listen(0, '::', resolve))
    port = (inside.address() as AddressInfo).port
  })
  after(() => {
    tls.setDefaultCACertificates(trusted)
    inside.closeAllConnections()
    inside.close()
  })
  beforeEach(() => {
    asked.length = 0
    answer = () => ({ status: 200 })
  })
  afterEach(() => app?.stop())

  async function open(privateAddresses: string[]): Promise<void> {
    if (!engine) return
    app = await startApp(engine, {
      env: { ISSUER: 'https://id.example.com' },
      config: { privateAddresses },
    })
  }

  async function tell(backchannelLogoutUri: string): Promise<string> {
    await app.applications.put(
      { _id: 'mallory', name: 'Mallory', kind: 'spa', redirectUris: [CALLBACK], backchannelLogoutUri },
      'test',
    )
    return app.oidc.sendLogout({ application: 'mallory', person: 'p', sid: 's' }).then(
      () => 'told',
      () => 'refused',
    )
  }

  it('reach nothing on this machine, however it is written', async () => {
    await open([])
    for (const host of ['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '2130706433']) {
      expect(await tell(`https://${host}:${port}/`), host).to.equal('refused')
      expect(await tell(`http://${host}:${port}/`), host).to.equal('refused')
    }
    expect(asked).to.deep.equal([])
  })

  it('reach what the configuration names, and follow no redirect from there', async () => {
    await open(['localhost'])
    expect(await tell(`https://localhost:${port}/named`)).to.equal('told')
    answer = () => ({ status: 307, location: `https://127.0.0.1:${port}/elsewhere` })
    expect(await tell(`https://localhost:${port}/leads-on`)).to.equal('refused')
    expect(asked).to.deep.equal(['POST /named', 'POST /leads-on'])
  })
})
