/**
 * What happened, and who must hear of it: the audit trail, the revocations that every verifier follows, and
 * the deliveries to other programs. It decides nothing: whoever acts puts its rows into the same batch. What
 * people are told by mail is the mail room's.
 */
import type { AnyCollectionSpec } from '../storage/storage.ts'
import { audit } from './audit.ts'
import { deliveries } from './deliveries.ts'
import { feed, marks } from './revocation-feed.ts'

export type { Origin } from './audit.ts'
export type { EventType } from './catalogue.ts'
export { createEvents, type Events, type HistoryEntry, type NewEvent } from './create-events.ts'
export { createDeliveries, type Deliveries, type Delivery } from './deliveries.ts'
export type { NewRevocation, RevocationKind } from './revocation-feed.ts'
export { openRevocations, type RevocableClaims, type Revocations } from './revocations.ts'

export const collections: readonly AnyCollectionSpec[] = [audit, marks, feed, deliveries]
