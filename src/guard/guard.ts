/**
 * What other programs import to accept Maitred's access tokens (`maitred/guard`): verifies a token, requires a role,
 * answers refusals. It owns the whole decision and keeps no list of revocations: it asks one (`isRevoked`). It stands
 * alone: `jose`, WebCrypto and `fetch`, nothing of ours and nothing of one runtime.
 */
export type { Caller, Guarded, Organisation, TokenClaims } from './caller.ts'
export { createGuard, type Guard, type GuardOptions, type SigningAlgorithm } from './create-guard.ts'
export { type ExpressGuard, expressGuard } from './express.ts'
export { type FetchGuard, fetchGuard } from './fetch.ts'
export type { GuardedRequest } from './guarded-request.ts'
export { type HonoGuard, honoGuard } from './hono.ts'
export { type KoaGuard, koaGuard } from './koa.ts'
export { type Answer, Refusal, type RefusalCode } from './refusal.ts'
