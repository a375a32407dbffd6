/**
 * `POST /login` and `POST /logout` (RF-3, RF-4): JSON in, a JWT out, and as a cookie when asked for. A bearer
 * that still holds is accepted from memory alone; a second factor is never bypassed.
 */
import type { Router } from '@koa/router'
import { decodeJwt } from 'jose'
import type { Context } from 'koa'
import { z } from 'zod'
import type { Person } from '../accounts/accounts.ts'
import type { Application, Applications } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import { hasBody, readJson, requestState } from '../http/http.ts'
import type { Write } from '../storage/storage.ts'
import { answerPage, identifyApplication } from './caller.ts'
import { createProofs, type ProofsOptions, type Proved } from './prove.ts'
import type { TokenCookie } from './token-cookie.ts'

export interface FirstPartyOptions extends ProofsOptions {
  issuer: string
  router: Router
  applications: Applications
  cookie: TokenCookie
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

const loginSchema = z.strictObject({
  client_id: z.string().max(200).optional(),
  identifier: z.string().min(1).max(320).optional(),
  password: z.string().min(1).max(1_024).optional(),
  mfa_token: z.string().max(2_000).optional(),
  code: z.string().min(1).max(100).optional(),
  cookie: z.boolean().optional(),
})
const logoutSchema = z.strictObject({})

export function routeFirstParty(options: FirstPartyOptions): void {
  const { router, now, accounts, applications, guard, cookie } = options
  const proofs = createProofs(options)

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
    const proved = await (body.mfa_token ? proofs.byCode : proofs.byPassword)(ctx, body, application)
    await proofs.requireNothingDue(ctx, proved, application)
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

function bearerOf(ctx: Context): string | undefined {
  const [scheme, token] = ctx.get('Authorization').split(' ')
  return scheme?.toLowerCase() === 'bearer' ? (token ?? '') : undefined
}
