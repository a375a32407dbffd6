/** What a client's signed assertion must say beyond what the library asks (RFC 7523 §3). */
import { type Configuration, errors } from 'oidc-provider'

/** Longest life of an assertion, and by how much clocks may differ, in seconds. */
const LONGEST = 300
const LEEWAY = 15

/**
 * Made for us alone: one whose audience is an address of ours, or several servers, may have been made at the wish of
 * another server, which could use it here (draft-ietf-oauth-rfc7523bis §4). And short-lived: that it was used is
 * remembered until it expires.
 */
export function assertMadeForUs(
  issuer: string,
  now: () => Date,
): NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> {
  return async (_ctx, { aud, exp }) => {
    if (aud !== issuer) throw new errors.InvalidClientAuth('audience (aud) must equal the issuer identifier')
    if (Number(exp) > now().getTime() / 1000 + LONGEST + LEEWAY)
      throw new errors.InvalidClientAuth(`expiration (exp) must be at most ${LONGEST} seconds ahead`)
  }
}
