/** What the protocol tells of a person, by scope (OpenID Connect Core 1.0 §5.1, §5.4). */
import type { Person } from '../accounts/accounts.ts'
import type { Payload } from './request.ts'

export const claimsByScope = {
  // Every ID token says how and when the person signed in.
  openid: ['sub', 'auth_time', 'acr', 'amr'],
  profile: [
    'name',
    'given_name',
    'family_name',
    'preferred_username',
    'birthdate',
    'picture',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  roles: ['roles'],
  iss: null,
  sid: null,
}

export function claimsOf(
  person: Person,
  roles: readonly string[],
  issuer: string,
): Payload & { sub: string } {
  const name = [person.firstName, person.lastName].filter(Boolean).join(' ')
  const address = addressOf(person)
  return {
    sub: person._id,
    ...(name && { name }),
    ...(person.firstName && { given_name: person.firstName }),
    ...(person.lastName && { family_name: person.lastName }),
    ...(person.username && { preferred_username: person.username }),
    ...(person.birthdate && { birthdate: person.birthdate }),
    ...(person.picture && { picture: `${issuer}/pictures/${person.picture}` }),
    ...(person.language && { locale: person.language }),
    updated_at: Math.floor(person.updatedAt.getTime() / 1000),
    ...(person.email && { email: person.email, email_verified: person.emailVerified }),
    ...(person.phone && { phone_number: person.phone, phone_number_verified: false }),
    ...(address && { address }),
    roles: [...roles],
  }
}

/** OpenID Connect Core 1.0 §5.1.1 */
function addressOf({ address }: Person): Payload | undefined {
  if (!address || Object.keys(address).length === 0) return undefined
  const { street, city, postalCode, region, country } = address
  const lines = [street, [postalCode, city].filter(Boolean).join(' '), region, country].filter(Boolean)
  return {
    formatted: lines.join('\n'),
    ...(street && { street_address: street }),
    ...(city && { locality: city }),
    ...(postalCode && { postal_code: postalCode }),
    ...(region && { region }),
    ...(country && { country }),
  }
}
