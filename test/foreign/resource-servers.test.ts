import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { base64url, exportSPKI, importJWK, type JWK, SignJWT } from 'jose'
import { claimsWith, type House, openHouse, strangersKey } from '../guard/house.ts'
import { startApi } from '../guard/servers.ts'
import { API } from '../support/restaurant.ts'
import { golangJwt, pyjwt, withoutTool } from './foreign-tools.ts'
import { type ForeignServer, startResourceServer } from './start-resource-server.ts'

const now = () => Math.floor(Date.now() / 1_000)

describe('RF-5 a resource server without a line of ours', () => {
  let house: House
  /** Our guard is the first: the others must say what it says. */
  const servers: ForeignServer[] = []
  const others = [
    { tool: pyjwt, args: [join(import.meta.dirname, 'python/server.py')] },
    { tool: golangJwt, args: [] },
  ].map((other) => ({ ...other, left: withoutTool(other.tool) }))

  before(async () => {
    house = await openHouse()
    const place = { issuer: house.app.url, audience: API }
    servers.push(await startApi('Koa', place))
    for (const { tool, args } of others) {
      const program = tool.find()
      if (program) servers.push(await startResourceServer(tool.name, [program, ...args], place))
    }
  })
  after(async () => {
    await Promise.all(servers.map((server) => server.close()))
    await house?.app.stop()
  })

  for (const { left } of others) if (left) it(`left out: ${left}`)

  /** What every server says, one after the other. */
  async function answers(path: string, token: string | undefined): Promise<unknown[]> {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return Promise.all(
      servers.map(async ({ url }) => {
        const answer = await fetch(`${url}${path}`, { headers })
        const error = /error="([^"]+)"/.exec(answer.headers.get('www-authenticate') ?? '')?.[1]
        const { id } = (await answer.json()) as { id?: string }
        return answer.ok ? { status: answer.status, id } : { status: answer.status, error }
      }),
    )
  }

  async function expectAll(path: string, token: string | undefined, wanted: object): Promise<void> {
    const said = await answers(path, token)
    expect(said).to.deep.equal(servers.map(() => wanted))
  }

  const publicKey = (): JWK => {
    const [jwk] = house.app.keys.jwks().keys.filter(({ alg }) => alg === 'ES256')
    const { d, ...rest } = jwk as JWK
    return rest
  }

  async function symmetric(): Promise<string> {
    const header = { alg: 'HS256', typ: 'at+jwt', kid: publicKey().kid }
    const parts = [header, claimsWith(house.app.url, {})].map((part) =>
      base64url.encode(JSON.stringify(part)),
    )
    const key = (await importJWK(publicKey(), 'ES256', { extractable: true })) as CryptoKey
    const mac = createHmac('sha256', await exportSPKI(key))
      .update(parts.join('.'))
      .digest('base64url')
    return [...parts, mac].join('.')
  }

  async function foreign(header: object): Promise<string> {
    return new SignJWT(claimsWith(house.app.url, {}))
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header })
      .sign(await strangersKey())
  }

  it('accepts the token of a real sign-in', async () => {
    const { access } = await house.tokens()
    await expectAll('/token', access, { status: 200, id: house.cast.person.id })
    await expectAll('/shifts', access, { status: 403, error: 'insufficient_scope' })
  })

  it('accepts a token for several audiences, and one that ended within the leeway', async () => {
    const [both, late] = [
      await house.sign({ aud: [API, house.app.url] }),
      await house.sign({ exp: now() - 5, iat: now() - 60 }),
    ]
    for (const token of [both, late]) await expectAll('/shifts', token, { status: 200, id: 'somebody' })
  })

  it('names no error to who sent no token', () =>
    expectAll('/token', undefined, { status: 401, error: undefined }))

  const attacks: Record<string, () => Promise<string>> = {
    'a token for another audience': () => house.sign({ aud: 'https://other.example/' }),
    'a token without an audience': () => house.sign({ aud: undefined }),
    'an id_token': async () => (await house.tokens()).id,
    'a refresh token': async () => (await house.tokens()).refresh,
    'a token of another kind': () => house.sign({}, { typ: 'logout+jwt' }),
    'a token without a kind': () => house.sign({}, { typ: undefined }),
    'an expired token': () => house.sign({ exp: now() - 12, iat: now() - 60 }),
    'a token without an end': () => house.sign({ exp: undefined }),
    'a token from the future': () => house.sign({ iat: now() + 60 }),
    'a token that is not valid yet': () => house.sign({ nbf: now() + 60 }),
    'a token without a subject': () => house.sign({ sub: undefined }),
    'a token without a client': () => house.sign({ client_id: undefined }),
    'a token without a name of its own': () => house.sign({ jti: undefined }),
    'an unsigned token': async () =>
      `${[{ alg: 'none', typ: 'at+jwt' }, claimsWith(house.app.url, {})]
        .map((part) => base64url.encode(JSON.stringify(part)))
        .join('.')}.`,
    'a token in another algorithm, under the public key': symmetric,
    'a token of another issuer': () => house.sign({ iss: 'https://evil.example' }),
    'a token of an issuer with one slash more': () => house.sign({ iss: `${house.app.url}/` }),
    'a foreign key under a known name': () => foreign({ kid: publicKey().kid }),
    'a foreign key under an unknown name': () => foreign({ kid: 'unknown' }),
    'a foreign key without a name': () => foreign({}),
    'a role written into a signed token': async () => {
      const [header, , signature] = (await house.sign()).split('.')
      return [header, base64url.encode(JSON.stringify(claimsWith(house.app.url, {}))), signature].join('.')
    },
  }
  for (const [what, make] of Object.entries(attacks)) {
    it(`refuses ${what}, as our guard does`, async () =>
      expectAll('/token', await make(), { status: 401, error: 'invalid_token' }))
  }
})
