/**
 * `oidc-provider` with nothing of ours: in memory (`bare`), or on MongoDB by a plain adapter (`plain`). Its
 * sign-in asks for no password and hashes none (but `hashing`); tokens are ES256 JWTs, but opaque for the twin `lookup`.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import Provider, { type Configuration, interactionPolicy } from 'oidc-provider'
import { compileEarly } from '../../src/cli/compile-early.ts'
import { answerParent } from './answer-parent.ts'
import { API, CALLBACK, PASSWORD, PEOPLE, SCOPE } from './cast.ts'

compileEarly()
const { BENCH_PORT = '0', BENCH_KIND: kind, MONGODB_URI } = process.env
const port = Number(BENCH_PORT)
const issuer = `http://localhost:${port}`
// Where nothing is stored, nothing of it is loaded, or the library's start and memory would be measured with it.
const store = MONGODB_URI ? await (await import('./plain-adapter.ts')).openPlainStore(MONGODB_URI) : undefined
const checkPassword = kind === 'hashing' ? await startHashing() : undefined
const known = new Set(PEOPLE)
if (store) for (const email of PEOPLE) await store.putPerson(email)
const isKnown = async (id: string): Promise<boolean> => (store ? store.findPerson(id) : known.has(id))

const { privateKey } = await generateKeyPair('ES256', { extractable: true })
const key = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'bench' }
const secret = 'a-secret-that-is-long-enough-for-a-benchmark'
const web = {
  client_secret: secret,
  redirect_uris: [CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
}
const policy = interactionPolicy.base()
policy.remove('consent')

const configuration: Configuration = {
  ...(store && { adapter: store.adapter }),
  jwks: { keys: [key] } as NonNullable<Configuration['jwks']>,
  clients: [
    { client_id: 'kitchen', ...web },
    { client_id: 'lookup', ...web },
    {
      client_id: 'robot',
      client_secret: secret,
      redirect_uris: [],
      response_types: [],
      grant_types: ['client_credentials'],
    },
  ],
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  responseTypes: ['code'],
  claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
  cookies: { keys: ['a-key-for-cookies-of-a-benchmark'] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  findAccount: async (_ctx, id) =>
    (await isKnown(id))
      ? { accountId: id, claims: async () => ({ sub: id, email: id, name: 'Ada Rossi' }) }
      : undefined,
  async loadExistingGrant(ctx) {
    const {
      client,
      session,
      provider: { Grant },
    } = ctx.oidc
    if (!client || !session?.accountId) return undefined
    const held = session.grantIdFor(client.clientId)
    if (held) return Grant.find(held)
    const grant = new Grant({ accountId: session.accountId, clientId: client.clientId })
    grant.addOIDCScope(SCOPE)
    grant.addResourceScope(API, SCOPE)
    await grant.save()
    return grant
  },
  interactions: { policy, url: (_ctx, { uid }) => `/interaction/${uid}` },
  ttl: { AccessToken: 900, ClientCredentials: 900, AuthorizationCode: 60, IdToken: 3_600, Grant: 604_800 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: async (_ctx, client) => (client.clientId === 'lookup' ? [] : API),
      useGrantedResource: async () => true,
      getResourceServerInfo: async () => ({
        scope: SCOPE,
        audience: API,
        accessTokenTTL: 900,
        accessTokenFormat: 'jwt' as const,
        jwt: { sign: { alg: 'ES256' as const } },
      }),
    },
  },
}
const provider = new Provider(issuer, configuration)
const handle = provider.callback()

async function signIn(req: IncomingMessage, res: ServerResponse): Promise<void> {
  await provider.interactionDetails(req, res)
  if (req.method === 'GET') {
    res.setHeader('Content-Type', 'text/html; charset=utf-8')
    res.end(`<!doctype html><title>Sign in</title><form method="post" action="${req.url}">
<input name="identifier"><input name="password" type="password"><button>Sign in</button></form>`)
    return
  }
  let body = ''
  for await (const chunk of req) body += chunk
  const form = new URLSearchParams(body)
  const accountId = form.get('identifier') ?? ''
  if (!(await isKnown(accountId))) throw new Error('nobody of that name')
  await checkPassword?.(form.get('password') ?? '')
  await provider.interactionFinished(req, res, { login: { accountId } })
}

/** As Maitred does it. */
async function startHashing(): Promise<(password: string) => Promise<void>> {
  const { createHasher } = await import('../../src/accounts/accounts.ts')
  const { letHashesGiveWay } = await import('../../src/cli/give-way.ts')
  await letHashesGiveWay()
  const hasher = createHasher()
  const hash = await hasher.hash(PASSWORD)
  return async (password) => {
    if (!(await hasher.verify(hash, password))) throw new Error('the password is wrong')
  }
}

const server = createServer((req, res) => {
  const answer = req.url?.startsWith('/interaction/') ? signIn(req, res) : handle(req, res)
  Promise.resolve(answer).catch((error: unknown) => {
    console.error(error)
    res.statusCode = 500
    res.end()
  })
})
// As long as Maitred: callers wait for each other between rounds.
server.keepAliveTimeout = 65_000
server.listen(port, '127.0.0.1')
await once(server, 'listening')
const secrets = { kitchen: secret, lookup: secret, robot: secret }
answerParent({ issuer, port, secrets, people: PEOPLE, password: PASSWORD }, async () => {
  server.closeAllConnections()
  await store?.close()
})
