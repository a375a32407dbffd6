/**
 * `POST /login` and `POST /logout` (RF-3, RF-4): JSON in, a JWT out, and as a cookie when asked for. A bearer
 * that still holds is accepted from memory alone; a second factor is never bypassed.
 */
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import type { Accounts, Person } from '../accounts/accounts.ts'
import type { Application, Applications } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { originOf, type SignInGuard, type Situation } from '../flow/flow.ts'
import { readJson, requestState } from '../http/http.ts'
import type { Vault } from '../keys/keys.ts'
import type { Factor } from '../plugins/plugins.ts'
import type { Store } from '../storage/storage.ts'
import { allowOrigin, identifyApplication, isRegisteredOrigin } from './caller.ts'
import type { TokenCookie } from './token-cookie.ts'

export interface FirstPartyOptions {
  issuer: string
  router: Router
  store: Store
  now: () => Date
  accounts: Accounts
  applications: Applications
  events: Events
  guard: SignInGuard
  factors: readonly Factor[]
  vault: Pick<Vault, 'seal' | 'open'>
  cookie: TokenCookie
  dueSteps(situation: Situation): Promise<string[]>
  /** The claims of an access token that still holds, from memory. */
  verify(jwt: string): Promise<Record<string, unknown> | undefined>
  /** Begins a session and issues its token; `rev` was taken before the person was read. */
  open(about: {
    ctx: Context
    person: Person
    application: Application
    amr: string[]
    rev: number
  }): Promise<{
    jwt: string
    expiresIn: number
  }>
  /** Ends what a token belongs to. */
  end(claims: Record<string, unknown>): Promise<void>
  sequence(): number
}

const MFA_MINUTES = 5

const loginSchema = z.strictObject({
  client_id: z.string().max(200).optional(),
  identifier: z.string().min(1).max(320).optional(),
  password: z.string().min(1).max(1_024).optional(),
  mfa_token: z.string().max(2_000).optional(),
  code: z.string().min(1).max(100).optional(),
  cookie: z.boolean().optional(),
})
const logoutSchema = z.strictObject({})

type Login = z.infer<typeof loginSchema>

export function routeFirstParty(options: FirstPartyOptions): void {
  const { router, store, now, accounts, applications, events, guard, vault, cookie } = options

  /** The person behind identifier and password. Every refusal costs and says the same. */
  async function byPassword(ctx: Context, { identifier, password }: Login, application: Application) {
    if (!identifier || !password) {
      const missing = !identifier ? 'identifier' : 'password'
      throw new MaitredError('invalid_form', { fields: { [missing]: 'error.field.required' } })
    }
    const person = await accounts.findByIdentifier(identifier)
    const attempt = await guard.begin(ctx, person, identifier)
    const isRight = await accounts.checkPassword(person, password)
    if (!person || !isRight || person.status === 'disabled') {
      await failed(ctx, person, application, 'pwd')
      throw new MaitredError('wrong_credentials')
    }
    await attempt.succeed()
    return { person, amr: ['pwd'] }
  }

  /** The second call: the first one's proof, and a code. */
  async function byCode(ctx: Context, { mfa_token = '', code = '' }: Login, application: Application) {
    const begun = readMfaToken(vault, mfa_token, now())
    if (begun?.application !== application._id) throw new MaitredError('wrong_credentials')
    const person = await accounts.find(begun.person)
    if (!person || person.status === 'disabled') throw new MaitredError('wrong_credentials')
    const attempt = await guard.beginFactor(person)
    for (const factor of options.factors) {
      const answer = factor.verify(person, code, now())
      if (!answer.accept) continue
      const changed = await accounts.change(person._id, answer.match, answer.change)
      if (!changed) break
      await attempt.succeed()
      return { person: changed, amr: [...new Set([...begun.amr, ...factor.amr, 'mfa'])] }
    }
    await failed(ctx, person, application, 'otp')
    throw new MaitredError('invalid_form', { fields: { code: 'error.code.wrong' } })
  }

  async function failed(
    ctx: Context,
    person: Person | undefined,
    application: Application,
    method: string,
  ): Promise<void> {
    const about = {
      person: person?._id,
      application: application._id,
      origin: originOf(ctx),
      detail: { method },
    }
    await store.batch([events.record({ type: 'sign_in_failed', ...about })])
  }

  async function login(ctx: Context): Promise<void> {
    const body = await readJson(ctx, loginSchema)
    const bearer = bearerOf(ctx)
    if (bearer !== undefined) {
      const claims = await options.verify(bearer)
      if (!claims) throw new MaitredError('unauthenticated', { cause: 'the bearer token does not hold' })
      answer(ctx, bearer, Number(claims.exp) - Math.floor(now().getTime() / 1000), body.cookie)
      return
    }
    const application = await identifyApplication(ctx, applications, body.client_id)
    if (ctx.get('Origin')) allowOrigin(ctx, ctx.get('Origin'))
    const rev = options.sequence()
    const { person, amr } = await (body.mfa_token ? byCode : byPassword)(ctx, body, application)
    await requireNothingDue(person, amr, application)
    const { jwt, expiresIn } = await options.open({ ctx, person, application, amr, rev })
    answer(ctx, jwt, expiresIn, body.cookie)
  }

  /** The same gate as the pages. @throws MaitredError `mfa_required`, `sign_in_incomplete` */
  async function requireNothingDue(person: Person, amr: string[], application: Application): Promise<void> {
    const due = await options.dueSteps({
      now: now(),
      person,
      application,
      session: { uid: '', accountId: person._id, amr, authTime: now() },
      request: { prompt: [], acrValues: [], startedAt: now() },
    })
    if (due.length === 0) return
    if (due[0] === 'secondFactor') {
      const proof = {
        person: person._id,
        application: application._id,
        amr,
        until: now().getTime() + MFA_MINUTES * 60_000,
      }
      const mfa_token = vault.seal(PURPOSE, JSON.stringify(proof))
      throw new MaitredError('mfa_required', { members: { mfa_token, expires_in: MFA_MINUTES * 60 } })
    }
    throw new MaitredError('sign_in_incomplete', { members: { steps: due } })
  }

  function answer(ctx: Context, jwt: string, expiresIn: number, wantsCookie: boolean | undefined): void {
    if (wantsCookie) cookie.set(ctx, jwt, expiresIn)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { access_token: jwt, token_type: 'Bearer', expires_in: expiresIn }
  }

  async function logout(ctx: Context): Promise<void> {
    await readJson(ctx, logoutSchema)
    const origin = ctx.get('Origin')
    const isForeign = origin !== '' && origin !== options.issuer
    if (isForeign && !(await isRegisteredOrigin(applications, origin))) throw new MaitredError('csrf')
    if (isForeign) allowOrigin(ctx, origin)
    const jwt = bearerOf(ctx) ?? cookie.get(ctx)
    const claims = jwt === undefined ? undefined : await options.verify(jwt)
    cookie.clear(ctx)
    if (!claims) throw new MaitredError('unauthenticated', { cause: 'there is no token that holds' })
    await options.end(claims)
    ctx.status = 204
  }

  router.post('/login', login)
  router.post('/logout', logout)
  for (const path of ['/login', '/logout']) {
    router.options(path, async (ctx) => {
      requestState(ctx).route = 'preflight'
      ctx.status = 204
      const origin = ctx.get('Origin')
      if (!(await isRegisteredOrigin(applications, origin))) return
      allowOrigin(ctx, origin)
      ctx.set('Access-Control-Allow-Methods', 'POST')
      ctx.set('Access-Control-Allow-Headers', 'Authorization, Content-Type')
      ctx.set('Access-Control-Max-Age', '3600')
    })
  }
}

// --- Internal ---

const PURPOSE = 'mfa'

function bearerOf(ctx: Context): string | undefined {
  const [scheme, token] = ctx.get('Authorization').split(' ')
  return scheme?.toLowerCase() === 'bearer' ? (token ?? '') : undefined
}

function readMfaToken(
  vault: Pick<Vault, 'open'>,
  sealed: string,
  now: Date,
): { person: string; application: string; amr: string[] } | undefined {
  try {
    const proof = JSON.parse(vault.open(PURPOSE, sealed)) as {
      person: string
      application: string
      amr: string[]
      until: number
    }
    return proof.until > now.getTime() ? proof : undefined
  } catch {
    // A token that we did not seal is as good as none.
    return undefined
  }
}
