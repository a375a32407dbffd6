/**
 * `POST /login` and `POST /logout` (RF-3, RF-4): JSON in, a JWT out, and as a cookie when asked for. A bearer
 * that still holds is accepted from memory alone; a second factor is never bypassed.
 */
import type { Router } from '@koa/router'
import { decodeJwt } from 'jose'
import type { Context } from 'koa'
import { z } from 'zod'
import type { Accounts, Person, Ticket, Tickets } from '../accounts/accounts.ts'
import type { Application, Applications } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import {
  type Attempt,
  amrWith,
  beginningOf,
  type Letters,
  originOf,
  type SignInGuard,
  type Situation,
  signInRecord,
} from '../flow/flow.ts'
import { hasBody, readJson, requestState } from '../http/http.ts'
import type { Factor } from '../plugins/plugins.ts'
import { BatchError, type Match, type Store, type Write } from '../storage/storage.ts'
import { answerPage, identifyApplication } from './caller.ts'
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
  tickets: Tickets
  letters: Pick<Letters, 'factorChanged'>
  wake(): void
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
    /** Written with the session. */
    also: Write[]
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

/** What the one or the other call has proved, not yet settled. */
interface Proved {
  person: Person
  amr: string[]
  method: string
  attempt: Attempt
  /** When the password was shown, where this call did not bring it. */
  begun?: string
}

export function routeFirstParty(options: FirstPartyOptions): void {
  const { router, store, now, accounts, applications, events, guard, tickets, cookie } = options

  /** The person behind identifier and password. Every refusal costs and says the same. */
  async function byPassword(ctx: Context, { identifier, password }: Login, application: Application) {
    if (!identifier || !password) {
      const missing = !identifier ? 'identifier' : 'password'
      throw new MaitredError('invalid_form', { fields: { [missing]: 'error.field.required' } })
    }
    const person = await accounts.findByIdentifier(identifier)
    // Who is disabled has no right password: that would not be counted, which tells of it.
    const attempt = await guard.check(
      ctx,
      person,
      identifier,
      async () => (await accounts.checkPassword(person, password)) && person?.status !== 'disabled',
    )
    if (!person || !attempt) {
      await failed(ctx, person, application, 'pwd')
      throw new MaitredError('wrong_credentials')
    }
    return { person, amr: ['pwd'], method: 'pwd', attempt }
  }

  /** The second call: the first one's proof, and a code. */
  async function byCode(ctx: Context, { mfa_token = '', code = '' }: Login, application: Application) {
    const begun = await tickets.peek(PURPOSE, mfa_token)
    const person = begun?.person === undefined ? undefined : await accounts.find(begun.person)
    if (!begun || !person || person.status === 'disabled' || !isStillProof(begun, person, application))
      throw new MaitredError('wrong_credentials')
    const attempt = await guard.beginFactor(person)
    for (const factor of options.factors) {
      const answer = factor.verify(person, code, now())
      if (!answer.accept) continue
      const used = factor.name === 'recovery' ? recoveryUsed(ctx, person, application) : []
      const match = { ...answer.match, ...unchangedPassword(person) }
      const also = [tickets.takeWrite(PURPOSE, mfa_token), ...used]
      const changed = await accounts.change(person._id, match, answer.change, also).catch(isTaken)
      if (!changed) break
      options.wake()
      const amr = amrWith(begun.data.amr as string[], factor)
      const since = String(begun.data.begun)
      return { person: changed, amr, method: factor.method, attempt, begun: since }
    }
    await failed(ctx, person, application, methodOf(code))
    throw new MaitredError('invalid_form', { fields: { code: 'error.code.wrong' } })
  }

  function recoveryUsed(ctx: Context, person: Person, application: Application): Write[] {
    const trace = { type: 'recovery_code_used', person: person._id, origin: originOf(ctx) } as const
    const about = { ctx, application }
    const letter = person.email && options.letters.factorChanged(about, person, 'recovery_code_used')
    return [events.record(trace), ...(letter ? [letter] : [])]
  }

  async function failed(
    ctx: Context,
    person: Person | undefined,
    application: Application,
    method: string,
  ): Promise<void> {
    await store.batch([signInRecord(events, { ctx, person, application, method, outcome: 'failed' })])
  }

  /**
   * A person's token. Whoever has one may show it, unless it is bound to a key (RFC 9449 §7.1): no proof is asked for
   * here. A machine's has no grant that could end.
   */
  async function holding(jwt: string) {
    const claims = await options.verify(jwt)
    return claims?.cnf === undefined && typeof claims?.gid === 'string' ? claims : undefined
  }

  /** @throws MaitredError `unauthenticated`, which says that it is about a token (RFC 6750 §3.1) */
  async function requireHolding(ctx: Context, jwt: string | undefined) {
    const claims = jwt === undefined ? undefined : await holding(jwt)
    if (claims) return claims
    if (jwt) ctx.set('WWW-Authenticate', `Bearer realm="${options.issuer}", error="invalid_token"`)
    throw new MaitredError('unauthenticated', { cause: 'there is no token that holds' })
  }

  async function login(ctx: Context): Promise<void> {
    await answerPage(ctx, applications)
    const bearer = bearerOf(ctx)
    if (bearer !== undefined) {
      const claims = await requireHolding(ctx, bearer)
      const asked = hasBody(ctx) ? await readJson(ctx, loginSchema) : {}
      answer(ctx, bearer, Number(claims.exp) - Math.floor(now().getTime() / 1000), asked.cookie)
      return
    }
    const body = await readJson(ctx, loginSchema)
    const application = await identifyApplication(ctx, applications, body.client_id)
    const rev = options.sequence()
    const proved = await (body.mfa_token ? byCode : byPassword)(ctx, body, application)
    await requireNothingDue(ctx, proved, application)
    const { jwt, expiresIn } = await arrive(ctx, proved, application, { rev, cookie: body.cookie })
    answer(ctx, jwt, expiresIn, body.cookie)
  }

  /** The session, with its trace, for the password of this moment only: a reset in the meantime wins. */
  async function arrive(
    ctx: Context,
    { person, amr, method, attempt, begun }: Proved,
    application: Application,
    { rev, cookie }: { rev: number; cookie: boolean | undefined },
  ) {
    const { writes, remember, done } = guard.arrival({ ctx, application, now: now() }, person, method, {
      attempt,
      begun,
      // A device is known again by a cookie. Who keeps none (a back end, say) would be new at each sign-in, and
      // its owner would be warned of every one.
      keepsCookies: cookie === true,
    })
    const session = await options.open({ ctx, person, application, amr, rev, also: writes })
    // Read once the session is there: a change from now on finds it and ends it. One whose batch had begun before and is
    // not there yet does not; its entry by person refuses the token, which has an older `rev`.
    const current = await accounts.find(person._id)
    const isSame = current?.password?.changedAt.getTime() === person.password?.changedAt.getTime()
    if (!current || !isSame || current.status === 'disabled') {
      await options.end(decodeJwt(session.jwt))
      throw new MaitredError('wrong_credentials', { cause: 'the password was changed in the meantime' })
    }
    remember()
    done()
    return session
  }

  /** The same gate as the pages. @throws MaitredError `mfa_required`, `sign_in_incomplete` */
  async function requireNothingDue(
    ctx: Context,
    { person, amr, method, attempt }: Proved,
    application: Application,
  ): Promise<void> {
    const due = await options.dueSteps({
      now: now(),
      person,
      application,
      session: {
        uid: '',
        accountId: person._id,
        amr,
        authTime: now(),
        passwordSetAt: person.password?.changedAt,
      },
      request: { prompt: [], acrValues: [] },
    })
    if (due.length === 0) return
    const begun = beginningOf({ authTime: now() })
    const asked = due.some((step) => step === 'secondFactor' || step === 'enrolFactor')
      ? [signInRecord(events, { ctx, person, application, method, outcome: 'asked', begun })]
      : []
    if (due[0] === 'secondFactor') {
      const { token: mfa_token, writes } = tickets.issue({
        purpose: PURPOSE,
        person: person._id,
        data: { application: application._id, amr, begun, ...secretsOf(person) },
        ttlSeconds: MFA_MINUTES * 60,
      })
      await store.batch([...writes, ...asked, ...attempt.writes()])
      throw new MaitredError('mfa_required', { members: { mfa_token, expires_in: MFA_MINUTES * 60 } })
    }
    await store.batch([...asked, ...attempt.writes()])
    throw new MaitredError('sign_in_incomplete', { members: { steps: due } })
  }

  function answer(ctx: Context, jwt: string, expiresIn: number, wantsCookie: boolean | undefined): void {
    if (wantsCookie) cookie.set(ctx, jwt, expiresIn)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { access_token: jwt, token_type: 'Bearer', expires_in: expiresIn }
  }

  async function logout(ctx: Context): Promise<void> {
    const isRegistered = await answerPage(ctx, applications)
    const bearer = bearerOf(ctx)
    const origin = ctx.get('Origin')
    if (origin !== '' && origin !== options.issuer && !isRegistered) throw new MaitredError('csrf')
    // A browser sends its cookie by itself, but no JSON to another origin unasked. A bearer is proof enough.
    if (bearer === undefined) await readJson(ctx, logoutSchema)
    const jwt = bearer ?? cookie.get(ctx)
    cookie.clear(ctx)
    const claims = await requireHolding(ctx, jwt)
    if (bearer !== undefined && hasBody(ctx)) await readJson(ctx, logoutSchema)
    await options.end(claims)
    ctx.status = 204
  }

  router.post('/login', login)
  router.post('/logout', logout)
  for (const path of ['/login', '/logout']) {
    router.options(path, async (ctx) => {
      requestState(ctx).route = 'preflight'
      ctx.status = 204
      if (!(await answerPage(ctx, applications))) return
      ctx.set('Access-Control-Allow-Methods', 'POST')
      ctx.set('Access-Control-Allow-Headers', 'Authorization, Content-Type')
      ctx.set('Access-Control-Max-Age', '3600')
    })
  }
}

const PURPOSE = 'second-factor'

function bearerOf(ctx: Context): string | undefined {
  const [scheme, token] = ctx.get('Authorization').split(' ')
  return scheme?.toLowerCase() === 'bearer' ? (token ?? '') : undefined
}

/** What a proof of the first factor is a proof for; JSON values. */
function secretsOf({ password, totp }: Person): { passwordSetAt: number; enrolledAt: number } {
  return {
    passwordSetAt: password?.changedAt.getTime() ?? 0,
    enrolledAt: totp?.enrolledAt.getTime() ?? 0,
  }
}

/** Not for another application, nor after another password or another second factor was set. */
function isStillProof({ data }: Ticket, person: Person, { _id }: Application): boolean {
  const { passwordSetAt, enrolledAt } = secretsOf(person)
  return data.application === _id && data.passwordSetAt === passwordSetAt && data.enrolledAt === enrolledAt
}

/** Which factor a code that none accepts was meant for: those of an app are six digits. */
function methodOf(code: string): string {
  return code.replace(/[\s-]/g, '').length > 8 ? 'recovery' : 'otp'
}

function unchangedPassword({ password }: Person): Match {
  return password ? { 'password.changedAt': password.changedAt } : { password: { $exists: false } }
}

/** Somebody was quicker: a guard of the batch did not hold. */
function isTaken(error: unknown): undefined {
  if (!(error instanceof BatchError) || error.cause !== undefined) throw error
}
