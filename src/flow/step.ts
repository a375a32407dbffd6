/** The contract of a step of the sign-in, and what a step can see and do. */
import type { Context } from 'koa'
import type { Person } from '../accounts/accounts.ts'
import type { Allowed, Application } from '../applications/applications.ts'
import type { Language, Translate } from '../locale/locale.ts'
import type { Write } from '../storage/storage.ts'

/** The session as a step sees it: persisted state, never the course of this interaction. */
export interface SessionView {
  uid: string
  accountId: string
  amr: readonly string[]
  acr?: string | undefined
  authTime: Date
  /** Of the password that it was proved by; where this is not known, the session is not judged by it. */
  passwordSetAt?: Date | undefined
}

/** What the application asked for (OpenID Connect Core 1.0 §3.1.2.1). */
export interface AuthorizationRequest {
  prompt: readonly string[]
  acrValues: readonly string[]
  loginHint?: string | undefined
  /** The one person that will do (`id_token_hint`, or a `sub` that the `claims` parameter names). */
  subject?: string | undefined
  uiLocales?: string | undefined
}

/** Everything that decides whether a step is due. */
export interface Situation {
  now: Date
  session?: SessionView | undefined
  person?: Person | undefined
  application: Application
  request: AuthorizationRequest
  /** What the application wants and the person has not allowed yet; absent outside of an authorization. */
  missing?: Allowed | undefined
}

/** How the person signed in, for the session (`amr` values: RFC 8176). */
export interface SignedIn {
  accountId: string
  amr: string[]
  /** When, in seconds since the epoch. */
  ts: number
  remember?: boolean
  /** Of the password that was checked, in milliseconds: a sign-in that a reset overtook comes to nothing. */
  passwordSetAt?: number
}

export interface StepResult {
  signedIn?: SignedIn
  /** Who has signed in, where this request has read them and changes nothing of them: spares a read. */
  person?: Person
  consented?: boolean
}

/** A step at work for one request. */
export interface Flow extends Situation {
  ctx: Context
  uid: string
  language: Language
  t: Translate
  /** `/flow/<uid>/<path>`, with what leads back to the application. */
  url(path?: string): string
  page(view: string, locals?: Record<string, unknown>, status?: number): Promise<void>
  /**
   * The step is done; the sign-in goes on with the next one that is due, and answers this request. `writes` are
   * made in one batch with what follows.
   */
  next(result?: StepResult, writes?: readonly Write[]): Promise<void>
  /** Keeps the result of a step that has one more page to show; `proceed` then goes on. */
  settle(result: StepResult): Promise<void>
  proceed(): void
  redirect(location: string): void
}

export interface Route {
  show?(flow: Flow): Promise<void>
  submit?(flow: Flow): Promise<void>
}

export interface Step {
  readonly name: string
  /** Reports whether the person must do this, from persisted state alone. */
  due(situation: Situation): boolean | Promise<boolean>
  show(flow: Flow): Promise<void>
  submit(flow: Flow): Promise<void>
  /** Further pages of the step, at `/flow/<uid>/<name>`; served only while the step is due. */
  readonly routes?: Readonly<Record<string, Route>>
}
