/** People as the library's accounts, and what their tokens say. */
import {
  type AccessToken,
  type ClientCredentials,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
} from 'oidc-provider'
import type { Accounts, KnownPeople, Person } from '../accounts/accounts.ts'
import type { Situation } from '../flow/flow.ts'
import type { Roles } from '../orgs/orgs.ts'
import { authenticationClaims, lentRightsClaims, rightsClaims } from './access-token.ts'
import { claimsOf } from './claims.ts'
import { applicationOf } from './clients.ts'
import { type Payload, protocolContext, requestMemory } from './request.ts'

export interface PeopleOptions {
  issuer: string
  now: () => Date
  accounts: Pick<Accounts, 'find'>
  /** Every token that tells an old state has a number that the entry of the change refuses (`rev`). */
  knownPeople: Pick<KnownPeople, 'find' | 'findAnew'>
  roles: Roles
  /** Names of the steps that the person still has to pass. */
  dueSteps(situation: Situation): Promise<string[]>
}

export interface PeopleAtWork {
  /** Where an authorization begins, as they are known, which may be half a second old; else as the store has them. */
  findPerson(id: string): Promise<Person | undefined>
  /**
   * Nobody is stopped by what is only known: drops it for the running request, whose next look is at the store.
   * Returns false when it was there already.
   */
  lookAgain(ctx: KoaContextWithOIDC): boolean
  findAccount: NonNullable<Configuration['findAccount']>
  extraTokenClaims(ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials): Promise<Payload>
}

interface OurAccount {
  accountId: string
  person: Person
}

export function createPeople(options: PeopleOptions): PeopleAtWork {
  const { accounts, knownPeople, roles, now } = options

  function findPerson(id: string): Promise<Person | undefined> {
    const { people, anew } = requestMemory()
    const isKnown = protocolContext()?.oidc.route === 'authorization' && !anew
    const pending = people.get(id) ?? (isKnown ? knownPeople.find(id) : accounts.find(id))
    people.set(id, pending)
    return pending
  }

  async function unfinished(ctx: KoaContextWithOIDC, person: Person): Promise<string[]> {
    const { AuthorizationCode, RefreshToken, DeviceCode } = ctx.oidc.entities
    const source = RefreshToken ?? AuthorizationCode ?? DeviceCode
    if (!source || !ctx.oidc.client) return []
    const { code, family } = requestMemory(ctx)
    const { passwordSetAt } = (RefreshToken ? family : code) ?? {}
    return options.dueSteps({
      now: now(),
      person,
      application: applicationOf(ctx.oidc.client),
      session: {
        uid: source.sessionUid ?? '',
        accountId: person._id,
        amr: source.amr ?? [],
        acr: source.acr,
        authTime: new Date((source.authTime ?? 0) * 1000),
        passwordSetAt,
      },
      request: { prompt: [], acrValues: [] },
    })
  }

  /** A refresh asks the same gate as a sign-in: who must do something first gets no tokens. */
  async function refuseUnfinished(ctx: KoaContextWithOIDC, known: Person): Promise<void> {
    if ((await unfinished(ctx, known)).length === 0) return
    const person = (await knownPeople.findAnew(known._id)) ?? known
    const due = await unfinished(ctx, person)
    if (due.length > 0) throw new errors.InvalidGrant(`the person has to sign in again (${due.join(', ')})`)
  }

  return {
    findPerson,

    lookAgain(ctx) {
      const memory = requestMemory(ctx)
      if (ctx.oidc.route !== 'authorization' || memory.anew) return false
      memory.anew = true
      memory.people.clear()
      return true
    },

    async findAccount(ctx, id, token) {
      const person = await (token ? knownPeople.find(id) : findPerson(id))
      if (!person || person.status === 'disabled') return undefined
      if (person.status !== 'active' && token) return undefined
      if (token && ctx.oidc.route === 'token') await refuseUnfinished(ctx, person)
      const account = {
        accountId: person._id,
        person,
        claims: async () => claimsOf(person, roles.effective(person).roles, options.issuer),
      }
      return account
    },

    async extraTokenClaims(ctx, token) {
      const account = ctx.oidc.entities.Account as unknown as OurAccount | undefined
      const { rev = 0 } = requestMemory(ctx)
      if (token.kind !== 'AccessToken' || !account) return { rev }
      const effective = roles.effective(account.person)
      const rights = {
        roles: effective.roles,
        permissions: effective.permissionsFor(String(token.aud)),
      }
      const { firstParty } = applicationOf(ctx.oidc.client as object)
      return {
        ...authenticationClaims(ctx),
        ...(firstParty ? rightsClaims(rights) : lentRightsClaims(rights, token.scope)),
        rev,
      }
    },
  }
}
