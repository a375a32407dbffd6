/**
 * The gate of the account: nothing is shown or done before every step of the sign-in is passed, as at every
 * other door. Who is not through goes to the authorization endpoint, to which these pages are an application.
 */
import type { Context } from 'koa'
import type { Person } from '../accounts/accounts.ts'
import type { Applications } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import type { Situation } from '../flow/flow.ts'
import { requestState } from '../http/http.ts'
import { randomToken, sha256, type Vault } from '../keys/keys.ts'
import type { Translate } from '../locale/locale.ts'
import type { BrowserSession, BrowserSessions } from '../oidc/oidc.ts'
import { applicationId, CALLBACK } from './account-application.ts'
import { redirect } from './redirect.ts'
import { returnPath } from './return-path.ts'

/** NIST SP 800-63B-4 leaves the length open; this is one visit to the page. */
const FRESH_SECONDS = 300
/** The front door, for whoever comes from nowhere. */
const FRONT = '/account'
const PURPOSE = 'account-return'
type State = [to: string, back: string]

/** A person at a page of their own, with everything proved that had to be. */
export interface Visit {
  ctx: Context
  person: Person
  session: BrowserSession
  now: Date
  t: Translate
}

/** Where a visit goes on after the sign-in, and where without it. Both are paths of ours. */
export interface Way {
  to: string
  back?: string
}

export interface Gate {
  /** Nothing, when the person has been sent to sign in first. */
  enter(ctx: Context, way: Way): Promise<Visit | undefined>
  /** Reports whether the sign-in is minutes old at most; if not, the person has been sent to do it again. */
  confirm(visit: Visit, way: Way): boolean
  /** Reports whether anybody may make themselves an account. */
  isSignUpOpen(): Promise<boolean>
  /** Sends whoever wants an account to make one. @throws MaitredError `forbidden` where nobody may */
  signUp(ctx: Context): Promise<void>
  /** Where the authorization returns to. */
  callback(ctx: Context): Promise<void>
}

export interface GateOptions {
  issuer: string
  applications: Pick<Applications, 'get'>
  vault: Pick<Vault, 'sealValue' | 'openValue'>
  browserSessions: BrowserSessions
  findPerson(id: string): Promise<Person | undefined>
  dueSteps(situation: Situation): Promise<string[]>
}

export function createGate(options: GateOptions): Gate {
  const { issuer, applications, vault } = options

  async function complete(ctx: Context): Promise<Visit | undefined> {
    const { now, t } = requestState(ctx)
    const application = await applications.get(applicationId)
    if (!application) throw new MaitredError('internal', { cause: 'the account is no application' })
    const session = await options.browserSessions.of(ctx)
    const person = session && (await options.findPerson(session.accountId))
    if (!session || !person) return undefined
    const request = { prompt: [], acrValues: [] }
    const due = await options.dueSteps({ now, session, person, application, request })
    return due.length > 0 ? undefined : { ctx, person, session, now, t }
  }

  function signIn(ctx: Context, { to, back = FRONT }: Way, prompt?: 'login' | 'create'): void {
    const state = vault.sealValue(PURPOSE, [to, back] satisfies State)
    const query = new URLSearchParams({
      client_id: applicationId,
      response_type: 'code',
      redirect_uri: issuer + CALLBACK,
      scope: 'openid',
      code_challenge: sha256(randomToken()),
      code_challenge_method: 'S256',
      state,
      ...(prompt && { prompt }),
    })
    redirect(ctx, `/auth?${query}`)
  }

  function readState(state: unknown): { to: string; back: string } {
    const [to = FRONT, back = FRONT] = (vault.openValue(PURPOSE, state) ?? []) as Partial<State>
    return { to: checked(to), back: checked(back) }
  }

  function checked(path: string): string {
    return returnPath(path, issuer) ?? FRONT
  }

  async function isSignUpOpen(): Promise<boolean> {
    return (await applications.get(applicationId))?.signUp === 'open'
  }

  return {
    async enter(ctx, way) {
      const visit = await complete(ctx)
      if (!visit) signIn(ctx, way)
      return visit
    },

    confirm(visit, way) {
      const fresh = isFresh(visit)
      if (!fresh) signIn(visit.ctx, way, 'login')
      return fresh
    },

    isSignUpOpen,

    async signUp(ctx) {
      if (!(await isSignUpOpen())) throw new MaitredError('forbidden', { cause: 'sign-up is closed here' })
      signIn(ctx, { to: FRONT }, 'create')
    },

    async callback(ctx) {
      const { to, back } = readState(ctx.query.state)
      const { error } = ctx.query
      if (error === undefined) return redirect(ctx, to)
      // Who does not want to sign in meets the door again, if they go in at all.
      if (error === 'access_denied' || (await complete(ctx))) return redirect(ctx, back)
      throw new MaitredError('protocol', { cause: `the sign-in ended with ${error}` })
    },
  }
}

/** Two factors where there are two: a session with one alone does not get this far. */
function isFresh({ session, now }: Visit): boolean {
  return now.getTime() - session.authTime.getTime() <= FRESH_SECONDS * 1000
}
