/**
 * What people are to each other and what that allows: for now roles and their permissions. It decides
 * nothing by itself; tokens, steps and APIs ask it. Who a person is lies in `accounts`.
 */
import type { AnyCollectionSpec } from '../storage/storage.ts'
import { roleCollection } from './role.ts'

export { type Administrators, createAdministrators } from './administrators.ts'
export type { Role } from './role.ts'
export { type EffectiveRoles, openRoles, type Roles, type RolesOptions } from './roles.ts'

export const collections: readonly AnyCollectionSpec[] = [roleCollection]
