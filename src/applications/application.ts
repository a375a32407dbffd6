/** One application that sends people to Maitred, or a machine that asks for tokens of its own. */
import { z } from 'zod'
import { defineCollection } from '../storage/storage.ts'

const text = z.string().min(1).max(200)
const uris = z.array(z.string().max(2_000)).max(100)

export const applicationSchema = z.strictObject({
  /** The `client_id`. */
  _id: z.string().min(1).max(200),
  name: text,
  /** Who made it, in a person's words: shown where people are asked for consent. */
  maker: text.optional(),
  uri: z.string().optional(),
  /** Our own: consent is not asked for. */
  firstParty: z.boolean(),
  /** `machine` has no people; `native` may use loopback with any port and custom schemes (RFC 8252). */
  kind: z.enum(['web', 'spa', 'native', 'machine']),
  /** The API its tokens are for when a request names no `resource`; default `<issuer>/api`. */
  api: z.string().optional(),
  /** Every person needs a second factor here. */
  mfa: z.boolean(),
  signUp: z.enum(['open', 'closed']),
  /** Ids of the roles that a person has who signs up here. */
  signUpRoles: z.array(z.string()).max(10),
  /** What a person must have said of themselves before the sign-in goes on. */
  requiredProfile: z
    .array(z.enum(['firstName', 'lastName']))
    .max(2)
    .optional(),
  /** May use `POST /login`. */
  login: z.boolean(),
  redirectUris: uris,
  postLogoutRedirectUris: uris,
  /** Origins whose pages may read token and userinfo answers (CORS). */
  origins: uris,
  backchannelLogoutUri: z.string().optional(),
  initiateLoginUri: z.string().optional(),
  authMethod: z.enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']),
  /** SHA-256 of the secret; secrets are random, so a plain hash is enough. */
  secretHash: z.string().optional(),
  jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).max(20) }).optional(),
  jwksUri: z.string().optional(),
  grants: z.array(z.string()).max(10),
  /**
   * Scopes it may ask for, of OpenID Connect and of APIs. Absent, all; but where no person stands behind a
   * token (a machine, the grant `client_credentials`), and for a dynamic registration, only those of `api`
   * can be had, and absent means: every one of them for a `machine` that an operator gave an `api`, none for
   * the others.
   */
  scopes: z.array(z.string()).max(200).optional(),
  /** `false` only for a confidential client whose library cannot do PKCE (RFC 7636). */
  pkce: z.boolean(),
  requirePar: z.boolean().optional(),
  dpop: z.boolean().optional(),
  idTokenAlg: z.enum(['RS256', 'ES256', 'EdDSA']).optional(),
  /** Further client metadata of a dynamic registration, as registered (RFC 7591 §2). */
  metadata: z.record(z.string(), z.unknown()).optional(),
  version: z.number().int(),
  createdAt: z.date(),
  createdBy: z.string(),
  updatedAt: z.date(),
  updatedBy: z.string(),
})

export type Application = z.infer<typeof applicationSchema>

/** The author of what dynamic registration makes (RFC 7591). It stays the author when others change it. */
export const DYNAMIC_REGISTRATION = 'dynamic-registration'

/** Nobody vouched for it: it registered itself. */
export function isDynamic({ createdBy }: Pick<Application, 'createdBy'>): boolean {
  return createdBy === DYNAMIC_REGISTRATION
}

/** What a caller gives; the rest has defaults. */
export type NewApplication = Pick<Application, '_id' | 'name'> &
  Partial<Omit<Application, 'version' | 'createdAt' | 'updatedAt' | 'createdBy' | 'updatedBy'>>

export const applicationCollection = defineCollection<Application>({
  name: 'applications',
  schema: applicationSchema,
  watched: true,
})

const GRANTS: Record<Application['kind'], string[]> = {
  web: ['authorization_code', 'refresh_token'],
  spa: ['authorization_code', 'refresh_token'],
  native: ['authorization_code', 'refresh_token'],
  machine: ['client_credentials'],
}

/** Fills in what was not given. Confidential unless it is a browser's or a device's own. */
export function completeApplication(given: NewApplication, by: string, now: Date): Application {
  const kind = given.kind ?? 'web'
  const authMethod =
    given.authMethod ?? (kind === 'spa' || kind === 'native' ? 'none' : 'client_secret_basic')
  return {
    firstParty: false,
    mfa: false,
    signUp: 'closed',
    signUpRoles: [],
    login: false,
    redirectUris: [],
    postLogoutRedirectUris: [],
    origins: [],
    grants: GRANTS[kind],
    pkce: true,
    ...given,
    kind,
    authMethod,
    version: 1,
    createdAt: now,
    createdBy: by,
    updatedAt: now,
    updatedBy: by,
  }
}
