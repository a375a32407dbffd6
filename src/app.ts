/** The composition root: configuration -> store -> rooms -> Koa. The only file that knows everybody. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { accountApplication, accountApplicationId, routeAccountPages } from './account-pages/account-pages.ts'
import {
  type Accounts,
  createAccounts,
  createHasher,
  createPictures,
  createSessions,
  createTickets,
  type Hasher,
  openKnownPeople,
  type Person,
  type Tickets,
} from './accounts/accounts.ts'
import { createDesiredState, type DesiredState, forgetApplied, routeDevMail } from './admin/admin.ts'
import { collections } from './app/collections.ts'
import { createMigrations } from './app/migrations.ts'
import {
  type Apis,
  type Applications,
  createConsents,
  openApis,
  openApplications,
} from './applications/applications.ts'
import type { Config } from './config.ts'
import { createDeliveries, createEvents, type Events, openRevocations } from './events/events.ts'
import {
  createDeviceCookie,
  createEmailProofs,
  createKeptEnrolment,
  createLetters,
  createSignInGuard,
  createSteps,
  dueSteps,
  originOf,
  routeFlow,
  routeRecovery,
  routeVerifyLink,
  type Situation,
} from './flow/flow.ts'
import { createTokenCookie, routeFirstParty } from './gateway/gateway.ts'
import { createLimits, createShell, type Listening, openTally, requestState } from './http/http.ts'
import { checkSecret, createVault, openSigningKeys, type SigningKeys, type Vault } from './keys/keys.ts'
import { createLocale } from './locale/locale.ts'
import { createMail, type Mail } from './mail/mail.ts'
import { createOidc, type Oidc } from './oidc/oidc.ts'
import { createAdministrators, openRoles, type Roles } from './orgs/orgs.ts'
import { builtInFactors } from './plugins/plugins.ts'
import { openStore, type Store, type Write } from './storage/storage.ts'

export interface App {
  store: Store
  vault: Vault
  keys: SigningKeys
  hasher: Hasher
  accounts: Accounts
  roles: Roles
  applications: Applications
  apis: Apis
  mail: Mail
  events: Events
  tickets: Tickets
  desiredState: DesiredState
  oidc: Oidc
  listen(): Promise<Pick<Listening, 'url' | 'close'>>
  close(): Promise<void>
}

export interface AppOptions {
  config: Config
  now: () => Date
  log: Logger
  /** Default: Argon2id. */
  hasher?: Hasher
}

/** Opens everything and serves nothing yet. @throws MaitredError, whose cause says what the operator must do */
export async function createApp({ config, now, log, hasher = createHasher() }: AppOptions): Promise<App> {
  const { issuer } = config
  const { mongodbUri, dataDir } = config
  const store = await openStore({
    collections,
    migrations: createMigrations(config.lifetimes),
    now,
    mongodbUri,
    dataDir,
    log,
  })
  const vault = createVault(config.secrets)
  await checkSecret(store, vault).catch(async (error) => {
    await store.close()
    throw error
  })

  const tally = await openTally({ redisUrl: config.redisUrl, store, now, log }).catch(async (error) => {
    await store.close()
    throw error
  })
  const ping = async () => void (await Promise.all([store.ping(), tally.ping()]))

  const locale = createLocale({ overrides: config.texts })
  const shell = createShell({ config, store: { ping }, locale, log, now, vault })
  const limits = createLimits({ tally, now })
  const mail = createMail({
    store,
    config,
    locale,
    sealer: vault,
    now,
    log,
    views: join(import.meta.dirname, '../views'),
  })
  const events = createEvents({ store, now })
  const knownPeople = await openKnownPeople(store)
  const accounts = knownPeople.beside(createAccounts({ store, hasher, now }))
  const sessions = createSessions({ store, now })
  const tickets = createTickets({ store, now })
  const consents = createConsents({ store, now })
  const [totp, recovery] = builtInFactors({ vault })
  /** When every access token that was issued until now is over. */
  const outlived = (): Date => new Date(now().getTime() + (config.lifetimes.accessToken + 60) * 1000)
  const builtIn = [accountApplication(config, now())]
  const algorithms = [...new Set(Object.values(config.algorithms))]
  const revocations = await openRevocations({ store, now, log })
  const [keys, roles, apis, applications] = await Promise.all([
    openSigningKeys({ store, vault, now, log, algorithms }),
    openRoles({
      store,
      accounts,
      log,
      revoke: (id) => revocations.revoke({ kind: 'role', id, expires: outlived() }),
    }),
    openApis({ store, issuer }),
    openApplications({
      store,
      now,
      builtIn,
      idTokenAlgorithms: algorithms,
      endTokens: (id) => oidc.endings.removalWrites(id),
    }),
  ])

  // Nobody may issue an old state under a new number: caches are told before the number rises.
  revocations.onEntry(({ kind, id }) => {
    if (kind === 'application') applications.forget(id)
    if (kind === 'person') knownPeople.forget(id)
    return kind === 'role' ? roles.reload(id) : undefined
  })
  const letters = createLetters({ mail, issuer })
  const proofs = createEmailProofs({ issuer, store, tickets, limits, wake: mail.wake })
  const guard = createSignInGuard({
    store,
    events,
    limits,
    devices: createDeviceCookie(issuer),
    mac: vault.mac,
    letters,
    wake: mail.wake,
  })
  const keptEnrolment = createKeptEnrolment({ issuer, brand: config.name, vault, totp })
  const steps = createSteps({
    brand: config.name,
    kept: keptEnrolment,
    store,
    accounts,
    consents,
    apis,
    events,
    guard,
    totp,
    recovery,
    roles: {
      titles: (person) => roles.effective(person).roles.map((id) => roles.get(id)?.title ?? id),
      requireMfa: (person) => roles.effective(person).mfa,
      copy: roles.copy,
    },
    issuer,
    hasher,
    limits,
    proofs,
    letters,
    wake: mail.wake,
  })
  const due = (situation: Situation): Promise<string[]> => dueSteps(steps, situation)
  const revokeTokens = (id: string): Write => revocations.revoke({ kind: 'person', id, expires: outlived() })
  const deliveries = createDeliveries({
    store,
    now,
    log,
    send: ({ clientId, sub = '', sid = '' }) => oidc.sendLogout({ application: clientId, person: sub, sid }),
  })
  const oidc: Oidc = createOidc({
    config,
    store,
    now,
    log,
    vault,
    keys,
    accounts,
    knownPeople,
    sessions,
    applications,
    apis,
    consents,
    events,
    roles,
    revocations,
    outlived,
    steps,
    firstPage: (ctx) => showFirstPage(ctx),
    limits,
    dueSteps: due,
    languages: locale.languages,
    origin: (ctx) => requestState(ctx),
    page: (ctx, view, locals, status) => shell.page(ctx, view, locals, status),
    refuse: (ctx, error, back) => shell.fail(ctx, error, back),
    notify: ({ application, person, sid }) =>
      deliveries.write({ kind: 'backchannel_logout', clientId: application, sub: person, sid }),
    wake,
    adopt: shell.adopt,
    letters,
  })
  routeFirstParty({
    issuer,
    router: shell.router,
    store,
    now,
    accounts,
    applications,
    events,
    guard,
    factors: [totp, recovery],
    tickets,
    letters,
    wake: mail.wake,
    cookie: createTokenCookie(issuer),
    dueSteps: due,
    verify: oidc.verify,
    sequence: () => revocations.sequence(),
    end: oidc.end,
    open: ({ ctx, ...about }) => oidc.open({ ...about, origin: originOf(ctx) }),
  })
  if (config.development && !config.smtpUrl && !config.mail) routeDevMail({ shell, mail })
  const showFirstPage = routeFlow({
    shell,
    steps,
    applications,
    own: accountApplicationId,
    load: oidc.interactions.load,
  })
  shell.mount(oidc.handle)
  const requireMfa = (person: Person): boolean => person.mfa === true || roles.effective(person).mfa
  routeVerifyLink({ shell, copyRoles: roles.copy, accounts, applications, events, hasher, limits, proofs })
  routeRecovery({
    issuer,
    brand: config.name,
    shell,
    store,
    accounts,
    applications,
    tickets,
    events,
    limits,
    letters,
    isMfaMandatory: requireMfa,
    endEverything: (person) => oidc.endings.personWrites(person._id),
    forgive: guard.forgive,
    know: guard.know,
    wake,
  })

  routeAccountPages({
    issuer,
    brand: config.name,
    shell,
    store,
    vault,
    accounts,
    pictures: createPictures({ store, accounts, now }),
    sessions,
    consents,
    applications,
    apis,
    events,
    limits,
    guard,
    proofs,
    letters,
    totp,
    recovery,
    kept: keptEnrolment,
    isMfaMandatory: requireMfa,
    rolesOf: (person) => roles.effective(person).roles,
    administrators: createAdministrators({ issuer, accounts, roles }),
    browserSessions: oidc.browserSessions,
    findPerson: accounts.find,
    dueSteps: due,
    endings: oidc.endings,
    newPasswordWrites: oidc.newPasswordWrites,
    revokeTokens,
    forget: (person) => [forgetApplied(person)],
    wake,
  })

  const desiredState = createDesiredState({
    store,
    accounts,
    roles,
    applications,
    apis,
    events,
    hasher,
    vault,
    totp,
    now,
    revokeTokens,
    endSessions: (person) => oidc.endings.personWrites(person),
    forgive: (person) => guard.forgive(person, 'operator'),
    builtIn: builtIn.map(({ _id }) => _id),
  })

  function wake(): void {
    mail.wake()
    deliveries.wake()
  }

  return {
    store,
    vault,
    keys,
    hasher,
    accounts,
    roles,
    applications,
    apis,
    mail,
    events,
    tickets,
    desiredState,
    oidc,
    async listen() {
      mail.start()
      deliveries.start()
      oidc.start()
      await events.finishForgetting()
      return shell.listen()
    },
    async close() {
      await oidc.stop()
      await Promise.all([mail.stop(), deliveries.stop(), roles.stop(), apis.stop(), applications.stop()])
      await Promise.all([keys.close(), revocations.stop(), knownPeople.stop()])
      await tally.close()
      await store.close()
    },
  }
}
