/** Who takes part in measuring the restaurant. */
export const ISSUER = 'https://id.bella-napoli.example'
export const AUDIENCE = 'https://api.bella-napoli.example'
/** The `sub` of somebody who is on the staff. */
export const STAFF = 'somebody-of-the-staff'

/** The guest of that number: the provider and the back office know the same. */
export function guestOf(number: number) {
  const sub = `guest-${number}`
  return { sub, email: `${sub}@guests.example`, firstName: 'Ada', lastName: `Rossi ${number}` }
}
