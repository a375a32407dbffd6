/** Reads a match into a list of conditions that are known to make sense; both engines refuse the rest alike. */
import type { Kind, Path, Shape } from './shape.ts'
import type { FindOptions, Match, Scalar } from './storage.ts'

/** One condition on one path. */
export type Condition =
  | { path: Path; operator: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte'; value: Scalar }
  | { path: Path; operator: 'in'; value: readonly Scalar[] }
  | { path: Path; operator: 'prefix'; value: string }
  | { path: Path; operator: 'exists'; value: boolean }

/** @throws TypeError when a path is not declared or a value cannot stand there. */
export function readMatch(shape: Shape, match: Match): Condition[] {
  if (!isPlain(match)) throw new TypeError(`${shape.collection}: a match is an object`)
  const conditions: Condition[] = []
  for (const name of Object.keys(match)) {
    const path = shape.path(name)
    const value: unknown = match[name]
    if (!isPlain(value)) {
      conditions.push({ path, operator: 'eq', value: checkScalar(shape, path, value) })
      continue
    }
    const operators = Object.keys(value)
    if (operators.length === 0) throw wrong(shape, path, 'has no condition')
    for (const operator of operators) conditions.push(readCondition(shape, path, operator, value[operator]))
  }
  return conditions
}

function readCondition(shape: Shape, path: Path, operator: string, value: unknown): Condition {
  switch (operator) {
    case '$ne':
      return { path, operator: 'ne', value: checkScalar(shape, path, value) }
    case '$gt':
      return { path, operator: 'gt', value: checkScalar(shape, path, value) }
    case '$gte':
      return { path, operator: 'gte', value: checkScalar(shape, path, value) }
    case '$lt':
      return { path, operator: 'lt', value: checkScalar(shape, path, value) }
    case '$lte':
      return { path, operator: 'lte', value: checkScalar(shape, path, value) }
    case '$in':
      if (!Array.isArray(value)) throw wrong(shape, path, '$in takes an array')
      return { path, operator: 'in', value: value.map((one: unknown) => checkScalar(shape, path, one)) }
    case '$exists':
      if (typeof value !== 'boolean') throw wrong(shape, path, '$exists takes true or false')
      return { path, operator: 'exists', value }
    case '$prefix':
      if (typeof value !== 'string') throw wrong(shape, path, '$prefix takes a string')
      checkScalar(shape, path, value)
      return { path, operator: 'prefix', value }
    default:
      throw wrong(shape, path, `knows no condition ${JSON.stringify(operator)}`)
  }
}

/** @throws TypeError when the value is no scalar or not of a kind that the path can hold. */
export function checkScalar(shape: Shape, path: Path, value: unknown): Scalar {
  const kind = scalarKind(value)
  if (!kind) throw wrong(shape, path, 'takes a string, a finite number, a boolean or a valid Date')
  if (!path.kinds.has(kind) && !path.kinds.has('unknown')) throw wrong(shape, path, `holds no ${kind}`)
  return value as Scalar
}

function scalarKind(value: unknown): Kind | undefined {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'boolean'
    case 'number':
      return Number.isFinite(value) ? 'number' : undefined
    default:
      return value instanceof Date && !Number.isNaN(value.getTime()) ? 'date' : undefined
  }
}

/** Find's options with their defaults. */
export interface Order {
  readonly path: Path
  readonly descending: boolean
  readonly after: { readonly value: Scalar; readonly id: string } | undefined
  readonly limit: number
}

/** @throws TypeError */
export function readOrder(shape: Shape, options: FindOptions): Order {
  const { sort = { field: '_id', order: 'asc' }, after, limit = 1_000 } = options
  const path = shape.path(sort.field)
  if (
    path.groups.length > 1 ||
    path.kinds.size !== 1 ||
    path.kinds.has('unknown') ||
    path.kinds.has('object')
  )
    throw wrong(shape, path, 'is nothing to sort by: that is one kind of scalar outside of arrays')
  if (sort.order !== 'asc' && sort.order !== 'desc') throw wrong(shape, path, 'sorts asc or desc')
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw wrong(shape, path, 'limit is 1 to 1000')
  if (after) {
    checkScalar(shape, path, after.value)
    if (typeof after.id !== 'string') throw wrong(shape, path, 'pages after an id')
  }
  return { path, descending: sort.order === 'desc', after, limit }
}

/** An object that is a condition or a list of fields, not a value. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

export function wrong(shape: Shape, path: Path | string, what: string): TypeError {
  const name = typeof path === 'string' ? path : path.name
  return new TypeError(`${shape.collection}: ${name} ${what}`)
}
