/** What differs between two plain objects, field by field. */
import { isDeepStrictEqual } from 'node:util'
import type { FieldChange } from './plan.ts'

/** Only the named fields count. @param secrets fields whose values are never told */
export function compare(
  before: object | undefined,
  after: object,
  fields: readonly string[],
  secrets: readonly string[] = [],
): FieldChange[] {
  const was = (before ?? {}) as Record<string, unknown>
  const is = after as Record<string, unknown>
  return fields
    .filter((field) => !isDeepStrictEqual(was[field], is[field]))
    .map((field) =>
      secrets.includes(field)
        ? { field, secret: true }
        : {
            field,
            ...(was[field] !== undefined && { from: was[field] }),
            ...(is[field] !== undefined && { to: is[field] }),
          },
    )
}
