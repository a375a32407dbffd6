/**
 * Doors for programs and for back ends that know nothing of OpenID Connect: today the first-party API
 * (`POST /login`, `POST /logout`). It asks the same gate as the pages and issues the same tokens.
 */
export { type FirstPartyOptions, routeFirstParty } from './first-party.ts'
export { createTokenCookie, type TokenCookie } from './token-cookie.ts'
