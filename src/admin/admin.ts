/**
 * What an operator does to Maitred as a whole. Today the desired state: a file that describes APIs, roles,
 * applications and people, the plan of what it would change, and its application. This room decides what
 * to write; the rooms below write it, and nothing here is asked at a sign-in.
 */
import type { AnyCollectionSpec } from '../storage/storage.ts'
import { appliedCollection, entryCollection } from './applied.ts'

export { forgetApplied } from './applied.ts'
export { createDesiredState, type DesiredState, type DesiredStateOptions } from './desired-state.ts'
export { routeDevMail } from './dev-mail.ts'
export { DocumentError, type Problem, readDocument, type StateDocument } from './document.ts'
export { type FieldChange, type Plan, type PlanItem, planText } from './plan.ts'

export const collections: readonly AnyCollectionSpec[] = [appliedCollection, entryCollection]
