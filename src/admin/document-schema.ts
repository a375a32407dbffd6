/** What a state file may say: one strict schema. Absent keys of APIs, roles and applications have defaults. */
import { z } from 'zod'
import { addressSchema, normaliseEmail, normalisePhone, normaliseUsername } from '../accounts/accounts.ts'
import { isOrigin, isRedirectUri, isResource, isWebUri } from '../applications/applications.ts'

/** A strict object that names its keys when it meets an unknown one. */
const keys = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => {
  const known = `one of the keys ${Object.keys(shape).join(', ')}`
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? known : 'a map of keys'),
  })
}

const like = (pattern: RegExp, wanted: string) => z.string(wanted).regex(pattern, wanted)
const such = (test: (text: string) => boolean, wanted: string) => z.string(wanted).refine(test, wanted)
const canonical = (normalise: (text: string) => string | undefined, wanted: string) =>
  such((text) => normalise(text) !== undefined, wanted).transform((text) => normalise(text) ?? text)
const choice = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `one of ${values.join(', ')}`)
const listOf = <T extends z.ZodType>(item: T, most: number) =>
  z.array(item, 'a list').max(most, `at most ${most} entries`)
const mapOf = <T extends z.ZodType>(key: z.ZodString, value: T) =>
  z.record(key, value, 'a map of keys').default({})

const line = (most: number) =>
  like(new RegExp(`^\\P{Cc}{1,${most}}$`, 'u'), `a text of 1 to ${most} characters`)
const flag = z.boolean('true or false')
const word = like(/^[a-z0-9][a-z0-9._:-]{0,99}$/i, 'letters, digits and . _ : -')
const webUri = such(isWebUri, 'an https URI (http only on a loopback)')
const redirectUri = such(
  isRedirectUri,
  'an https URI, http only on a loopback, or a private scheme such as com.example.app:/callback; without a fragment',
)
const resource = such(isResource, 'an absolute URI without a fragment, such as https://api.example.com')
const roleId = like(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'lower-case letters, digits and . _ -')

const api = keys({ name: line(200), scopes: mapOf(word, line(300)) })

const role = keys({
  title: line(100),
  description: line(300).exactOptional(),
  mfa: flag.default(false),
  /** API to the names of what may be done there; `*` is every API. */
  permissions: mapOf(
    such((text) => text === '*' || isResource(text), 'an API or *'),
    listOf(word, 200),
  ),
})

/** Secrets are kept as a plain hash, which only what is random survives. */
const isSecret = (text: string) => /^[\x21-\x7e]{32,200}$/.test(text) && new Set(text).size >= 10

const application = keys({
  name: line(200),
  /** Who made it: shown where people are asked for consent. */
  maker: line(200).exactOptional(),
  uri: webUri.exactOptional(),
  kind: choice(['web', 'spa', 'native', 'machine']).default('web'),
  firstParty: flag.default(false),
  api: resource.exactOptional(),
  mfa: flag.default(false),
  signUp: choice(['open', 'closed']).default('closed'),
  /** Roles of whoever signs up here. */
  signUpRoles: listOf(word, 10).default([]),
  /** What people must have said of themselves before they get there. */
  requiredProfile: listOf(choice(['firstName', 'lastName']), 2).exactOptional(),
  login: flag.default(false),
  redirectUris: listOf(redirectUri, 100).default([]),
  postLogoutRedirectUris: listOf(redirectUri, 100).default([]),
  origins: listOf(such(isOrigin, 'an origin such as https://app.example.com'), 100).default([]),
  backchannelLogoutUri: webUri.exactOptional(),
  initiateLoginUri: webUri.exactOptional(),
  /** In clear here, a hash in the store; absent, the one that is there stays. */
  secret: such(isSecret, 'at least 32 random characters without spaces').exactOptional(),
  authMethod: choice([
    'none',
    'client_secret_basic',
    'client_secret_post',
    'private_key_jwt',
  ]).exactOptional(),
  jwks: keys({ keys: listOf(z.record(z.string(), z.json()), 20) }).exactOptional(),
  jwksUri: webUri.exactOptional(),
  grants: listOf(
    choice([
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
    ]),
    10,
  ).exactOptional(),
  /**
   * Absent, all. A machine, the grant client_credentials and a dynamic registration reach no API but `api`;
   * there, absent means all for a machine with an `api`, none for the others.
   */
  scopes: listOf(word, 200).exactOptional(),
  pkce: flag.default(true),
  requirePar: flag.exactOptional(),
  dpop: flag.exactOptional(),
  idTokenAlg: choice(['RS256', 'ES256', 'EdDSA']).exactOptional(),
})

/** Secrets are often written in groups. */
const base32 = (text: string) => text.replace(/[\s-]|=+$/g, '').toUpperCase()

const person = keys({
  /** The `sub` of tokens, for people who come from elsewhere; absent, a new one. Never changed. */
  id: like(/^[\w-]{1,100}$/, 'letters, digits, _ and -').exactOptional(),
  email: canonical(normaliseEmail, 'an email address').exactOptional(),
  emailVerified: flag.default(true),
  username: canonical(normaliseUsername, 'a user name: letters, digits and . _ -').exactOptional(),
  phone: canonical(normalisePhone, 'a phone number such as +39 081 123456').exactOptional(),
  firstName: line(100).exactOptional(),
  lastName: line(100).exactOptional(),
  address: addressSchema.exactOptional(),
  birthdate: z.iso.date('a day such as 1990-04-23').exactOptional(),
  language: choice(['en', 'de']).exactOptional(),
  status: choice(['active', 'disabled', 'waiting']).exactOptional(),
  mfa: flag.exactOptional(),
  roles: listOf(roleId, 50).exactOptional(),
  password: z.string('a text').max(1_000, 'at most 1,000 characters').exactOptional(),
  passwordHash: like(
    /^\$argon2id\$v=19\$m=\d{1,8},t=\d{1,4},p=\d{1,3}\$[A-Za-z0-9+/]{11,200}\$[A-Za-z0-9+/]{16,200}$/,
    'an Argon2id hash such as $argon2id$v=19$m=19456,t=2,p=1$…$…',
  ).exactOptional(),
  totp: such(
    (text) => /^[A-Z2-7]{26,128}$/.test(base32(text)),
    'a Base32 secret of at least 26 characters (A–Z, 2–7)',
  )
    .transform(base32)
    .exactOptional(),
})
  .refine((p) => p.email ?? p.username ?? p.phone, 'email, username or phone')
  .refine((p) => !(p.password && p.passwordHash), 'password or passwordHash, not both')

export const documentSchema = keys({
  apis: mapOf(resource, api),
  roles: mapOf(roleId, role),
  applications: mapOf(like(/^[\w.~-]{1,200}$/, 'letters, digits and . _ ~ -'), application),
  people: listOf(person, 100_000).default([]),
})

export type DesiredState = z.output<typeof documentSchema>
export type DesiredApi = DesiredState['apis'][string]
export type DesiredRole = DesiredState['roles'][string]
export type DesiredApplication = DesiredState['applications'][string]
export type DesiredPerson = DesiredState['people'][number]
