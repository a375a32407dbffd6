/**
 * The protocol: `oidc-provider` on our store. This room owns what the library must be told and what it
 * stores; it does not own the sign-in (`flow`), people (`accounts`) or pages (`http` renders them).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from 'koa'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { type Accounts, type KnownPeople, type Sessions, sessionCollection } from '../accounts/accounts.ts'
import type { Apis, Applications, Consents } from '../applications/applications.ts'
import type { Config } from '../config.ts'
import type { Events, Revocations } from '../events/events.ts'
import type { Letters, Situation, Step } from '../flow/flow.ts'
import { type Limits, preferLanguages } from '../http/http.ts'
import type { SigningKeys, Vault } from '../keys/keys.ts'
import type { Roles } from '../orgs/orgs.ts'
import type { AnyCollectionSpec, Store, Write } from '../storage/storage.ts'
import { completeAccessToken, createVerifier } from './access-token.ts'
import { createAdapters } from './adapters.ts'
import { type BrowserSessions, createBrowserSessions } from './browser-session.ts'
import { cookieNames } from './configuration.ts'
import { restartDeviceForm } from './device-form.ts'
import { createEndings, type Endings } from './endings.ts'
import { createFirstPage } from './first-page.ts'
import { createFormPost } from './form-post.ts'
import { createGo } from './go.ts'
import { keepWrites } from './going-on.ts'
import { grantFor } from './grants.ts'
import { createInteractions, type Interactions } from './interactions.ts'
import { createNewPasswordWrites, type NewPasswordWrites } from './new-password.ts'
import { createOpener, type OpenSession } from './open-session.ts'
import { createOutgoing } from './outgoing.ts'
import { createAppOf, createPages, type PagesOptions } from './pages.ts'
import { createPendingRequests } from './pending-requests.ts'
import { createPeople } from './people.ts'
import { policyOf } from './policy.ts'
import { createPosted } from './posted.ts'
import { createProvider } from './provider.ts'
import { type Payload, requestMemory } from './request.ts'
import { createResourceIndicators } from './resources.ts'
import { createReuseWarning } from './reuse-warning.ts'
import { createSealedCodes } from './sealed-codes.ts'
import { createSessionExpiry } from './session-expiry.ts'
import { createSessionTrail } from './session-trail.ts'
import { situationOf } from './situation.ts'
import { retryAfterStoreGone, tellingStoreGone } from './store-gone.ts'
import { tokenCollection } from './token-document.ts'
import { rememberVerified } from './verified-tokens.ts'

export type { BrowserSession, BrowserSessions } from './browser-session.ts'
export type { Endings } from './endings.ts'
export type { Interactions, LoadedInteraction } from './interactions.ts'
export type { NewPasswordWrites } from './new-password.ts'

export const collections: readonly AnyCollectionSpec[] = [sessionCollection, tokenCollection]

export interface OidcOptions extends Pick<PagesOptions, 'page' | 'refuse'> {
  config: Config
  store: Store
  now: () => Date
  log: { warn(o: object, text: string): void; error(o: object, text: string): void }
  vault: Vault
  keys: SigningKeys
  accounts: Accounts
  knownPeople: Pick<KnownPeople, 'find' | 'findAnew'>
  sessions: Sessions
  applications: Applications
  apis: Apis
  consents: Consents
  events: Pick<Events, 'record'>
  roles: Roles
  revocations: Revocations
  /** When every access token that was issued until now is over. */
  outlived(): Date
  steps: readonly Step[]
  /** Answers with the page that an interaction begins with. */
  firstPage(ctx: Context): Promise<void>
  limits: Limits
  dueSteps(situation: Situation): Promise<string[]>
  languages: readonly string[]
  origin(ctx: { req: IncomingMessage }): { ip: string; device: string }
  notify(notice: LogoutNotice): Write
  wake(): void
  letters: Pick<Letters, 'sessionWarning'>
  /** Makes the library's Koa behave like the shell's. */
  adopt(app: Provider): void
}

/** One application to be told of a session's end (OpenID Connect Back-Channel Logout 1.0 §2.5). */
export interface LogoutNotice {
  application: string
  person: string
  sid: string
}

export interface Oidc {
  /** Serves the protocol's endpoints. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>
  provider(): Provider
  interactions: Interactions
  endings: Endings
  /** Writes that go with a password that a person changes in a session of theirs. */
  newPasswordWrites: NewPasswordWrites
  /** For Maitred's own pages. */
  browserSessions: BrowserSessions
  /** The claims of one of our access tokens that still holds. */
  verify(jwt: string): Promise<Payload | undefined>
  /** Begins a session without a browser's cookie, for `POST /login`, and issues its access token. */
  open(about: OpenSession): Promise<{ jwt: string; expiresIn: number }>
  /** Ends what one of our access tokens belongs to: its session where it has its own, else its grant. */
  end(claims: Payload): Promise<void>
  /** Lets whoever holds it register applications (RFC 7591 §3), for so many seconds. */
  initialAccessToken(seconds: number): Promise<string>
  /** Tells an application that a session ended. @throws when it did not answer 200 or 204. */
  sendLogout(notice: LogoutNotice): Promise<void>
  /** Ends now the sessions whose time is over; once started it happens by itself. */
  endExpired(): Promise<void>
  start(): void
  stop(): Promise<void>
}

export function createOidc(options: OidcOptions): Oidc {
  const { config, store, now, applications, revocations, keys, log } = options
  const { issuer, lifetimes } = config
  const cookies = cookieNames(config)
  const endings = createEndings({
    store,
    now,
    applications,
    sessions: options.sessions,
    outlived: options.outlived,
    revoke: (entry) => revocations.revoke(entry),
    heard: (entry) => revocations.heard(entry),
    notify: options.notify,
    wake: options.wake,
  })
  const ended = createSessionTrail(options.events)
  const expiry = createSessionExpiry({
    store,
    now,
    log,
    end: (session, still) => endings.endSession(session, ended(session, 'expired'), still),
  })
  const people = createPeople({
    issuer,
    now,
    accounts: options.accounts,
    knownPeople: options.knownPeople,
    roles: options.roles,
    dueSteps: options.dueSteps,
  })
  const { situationHere } = tellingStoreGone({
    situationHere: (ctx: KoaContextWithOIDC): Promise<Situation> =>
      situationOf(ctx, { now, findPerson: people.findPerson }),
  })
  const appOf = createAppOf(applications)
  const page: OidcOptions['page'] = async (ctx, view, locals, status) => {
    const asked = ctx.oidc.params?.ui_locales
    if (typeof asked === 'string') preferLanguages(ctx, asked)
    await options.page(ctx, view, { app: await appOf(ctx), ...locals }, status)
  }
  const opener = createOpener({ ...options, ended, endings })
  const pages = createPages({ ...options, page, resumeCookie: cookies.resume })
  const outgoing = createOutgoing(config)
  const requests = createPendingRequests({
    now,
    cookie: cookies.request,
    secure: !config.development,
    vault: options.vault,
  })
  const codes = createSealedCodes({ issuer, now, vault: () => keys.vault() })
  const { loadExistingGrant } = tellingStoreGone({
    loadExistingGrant: (ctx: KoaContextWithOIDC) =>
      grantFor(ctx, { consents: options.consents, isRevoked: (claims) => revocations.isRevoked(claims) }),
  })
  const adapter = createAdapters({
    ...options,
    requests,
    codes,
    ended,
    endings,
    reused: createReuseWarning(options),
    findPerson: people.findPerson,
    verify: (jwt) => verify(jwt),
  })
  let verify = verifier()
  let current = build()

  function verifier() {
    const { accessToken } = config.algorithms
    const verifying = createVerifier({ issuer, algorithms: [accessToken], keys: keys.jwks().keys })
    return rememberVerified(verifying, now)
  }

  function build() {
    const made = createProvider({
      config,
      now,
      applications,
      adapter,
      keys: keys.jwks(),
      codes,
      middleware: [
        async (ctx, next) => {
          requestMemory(ctx).rev = revocations.sequence()
          await next()
        },
        keepWrites({
          store,
          showExpired: async (ctx) => page(ctx, 'flow/expired', { restartUrl: (await appOf(ctx))?.uri }, 410),
        }),
        retryAfterStoreGone,
        restartDeviceForm(cookies.session),
        createFirstPage(options.firstPage),
        createPosted({ ...options, paths: ['/auth', '/session/end'] }),
        createGo({ issuer, page }),
        createFormPost({ issuer, page }),
      ],
      wiring: {
        ...tellingStoreGone({
          findAccount: people.findAccount,
          extraTokenClaims: people.extraTokenClaims,
        }),
        loadExistingGrant,
        completeAccessToken: (ctx, token, jwt) => {
          completeAccessToken(issuer, ctx, token as never, jwt.payload as Payload)
        },
        policy: policyOf(options.steps, situationHere, people.lookAgain),
        resourceIndicators: tellingStoreGone(
          createResourceIndicators({
            issuer,
            apis: options.apis,
            accessToken: lifetimes.accessToken,
            algorithm: config.algorithms.accessToken,
          }),
        ),
        ...pages,
        fetch: outgoing,
        languages: options.languages,
      },
    })
    options.adopt(made)
    made.on('server_error', (_ctx, error: Error) => log.error({ err: error }, 'the protocol failed'))
    // Applications are told through the outbox (endings.ts), never while a person waits.
    const tell = made.Client.prototype.backchannelLogout as (person: string, sid: string) => Promise<void>
    made.Client.prototype.backchannelLogout = async () => {}
    return { provider: made, callback: made.callback(), tell }
  }

  const stopListening = keys.onChange(() => {
    verify = verifier()
    current = build()
  })

  return {
    handle: (req, res) => current.callback(req, res),
    provider: () => current.provider,
    interactions: createInteractions({
      provider: () => current.provider,
      now,
      findPerson: people.findPerson,
      applications,
      sessions: options.sessions,
      endings,
      store,
      cookie: cookies.resume,
      requests,
      handle: (req, res) => current.callback(req, res),
    }),
    endings,
    newPasswordWrites: createNewPasswordWrites({ ...options, endings }),
    browserSessions: createBrowserSessions({
      store,
      now,
      cookie: cookies.session,
      idle: lifetimes.sessionIdle,
    }),
    async verify(jwt) {
      const claims = await verify(jwt)
      return claims && !revocations.isRevoked(claims) ? claims : undefined
    },
    open: opener.open,
    end: opener.end,
    async initialAccessToken(seconds) {
      const { InitialAccessToken } = current.provider
      return new InitialAccessToken({ expiresIn: seconds }).save()
    },
    async sendLogout({ application, person, sid }) {
      const client = await current.provider.Client.find(application)
      if (client) await current.tell.call(client, person, sid)
    },
    endExpired: expiry.pass,
    start: expiry.start,
    async stop() {
      stopListening()
      await expiry.stop()
    },
  }
}
