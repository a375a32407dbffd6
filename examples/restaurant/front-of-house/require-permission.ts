/** Pages only show what a person may do; the API decides by itself, whatever was shown. */
import { ApiProblem } from '../web/api-client.ts'
import type { Me } from '../web/me.ts'

/** @throws {ApiProblem} 403 */
export function requirePermission(me: Me, permission: string): void {
  if (!me.permissions.includes(permission)) throw new ApiProblem(403)
}
