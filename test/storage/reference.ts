/** What matches, orders and changes mean, in memory and as simply as can be said: the measure for the engines. */
import type { Change, FindOptions, Match, Scalar } from '../../src/storage/storage.ts'

export type Fields = { [name: string]: unknown }

export function fits(document: Fields, match: Match): boolean {
  return Object.entries(match).every(([path, condition]) => {
    if (typeof condition !== 'object' || condition instanceof Date)
      return holds(document, path, '$eq', condition)
    return Object.entries(condition).every(([operator, value]) => holds(document, path, operator, value))
  })
}

function holds(document: Fields, path: string, operator: string, wanted: unknown): boolean {
  const keys = path.split('.')
  const some = (test: (value: unknown) => boolean) => valuesAt(document, keys).flat().some(test)
  switch (operator) {
    case '$eq':
      return some((value) => same(value, wanted))
    case '$ne':
      return !some((value) => same(value, wanted))
    case '$in':
      return some((value) => (wanted as Scalar[]).some((one) => same(value, one)))
    case '$exists':
      return valuesAt(document, keys).length > 0 === wanted
    case '$prefix':
      return some((value) => typeof value === 'string' && value.startsWith(wanted as string))
    case '$gt':
      return some((value) => comparable(value, wanted) && compare(value, wanted) > 0)
    case '$gte':
      return some((value) => comparable(value, wanted) && compare(value, wanted) >= 0)
    case '$lt':
      return some((value) => comparable(value, wanted) && compare(value, wanted) < 0)
    case '$lte':
      return some((value) => comparable(value, wanted) && compare(value, wanted) <= 0)
    default:
      throw new Error(operator)
  }
}

/** All values that a path leads to, through arrays of objects; an array at its end is one of them. */
function valuesAt(value: unknown, keys: readonly string[]): unknown[] {
  const [key, ...rest] = keys
  if (key === undefined) return [value]
  if (Array.isArray(value))
    return value.flatMap((element) => (isFields(element) ? valuesAt(element, keys) : []))
  return isFields(value) && key in value ? valuesAt(value[key], rest) : []
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

function comparable(a: unknown, b: unknown): boolean {
  return (
    typeof a === typeof b &&
    a instanceof Date === b instanceof Date &&
    (typeof a !== 'object' || a instanceof Date)
  )
}

function same(a: unknown, b: unknown): boolean {
  return comparable(a, b) && compare(a, b) === 0
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return Number(a) - Number(b) < 0 ? -1 : Number(a) - Number(b) > 0 ? 1 : 0
}

export function select<T extends Fields>(
  documents: Iterable<T>,
  match: Match,
  options: FindOptions = {},
): T[] {
  const { sort = { field: '_id', order: 'asc' }, after, limit = 1_000 } = options
  const sign = sort.order === 'asc' ? 1 : -1
  const order = (a: Fields, b: Fields) => sign * (position(a, b, sort.field) || position(a, b, '_id'))
  const last = after && put({ _id: after.id }, sort.field, sort.field === '_id' ? after.id : after.value)
  return [...documents]
    .filter((document) => fits(document, match))
    .sort(order)
    .filter((document) => !last || order(document, last) > 0)
    .slice(0, limit)
}

function position(a: Fields, b: Fields, path: string): number {
  const [one, other] = [valuesAt(a, path.split('.')), valuesAt(b, path.split('.'))]
  if (one.length === 0 || other.length === 0) return one.length - other.length
  return compare(one[0], other[0])
}

function put(document: Fields, path: string, value: unknown): Fields {
  const keys = path.split('.')
  const name = keys.pop() as string
  let place = document
  for (const key of keys) {
    place[key] ??= {}
    place = place[key] as Fields
  }
  place[name] = value
  return document
}

/** The document after the change; the one before stays as it is. */
export function changed<T extends Fields>(before: T, change: Change): T {
  const document = structuredClone(before)
  for (const [path, value] of Object.entries(change.$set ?? {})) put(document, path, structuredClone(value))
  for (const path of Object.keys(change.$unset ?? {})) {
    const keys = path.split('.')
    const name = keys.pop() as string
    const [parent] = valuesAt(document, keys)
    if (isFields(parent)) delete parent[name]
  }
  for (const [path, by] of Object.entries(change.$inc ?? {})) {
    const [value = 0] = valuesAt(document, path.split('.'))
    put(document, path, Number(value) + by)
  }
  for (const [path, { value, limit }] of Object.entries(change.$push ?? {})) {
    const [list = []] = valuesAt(document, path.split('.')) as [unknown[]?]
    put(document, path, [...list, structuredClone(value)].slice(-limit))
  }
  for (const [path, wanted] of Object.entries(change.$pull ?? {})) {
    const [list] = valuesAt(document, path.split('.')) as [unknown[]?]
    const pulled = (element: unknown) =>
      isFields(wanted)
        ? isFields(element) && Object.entries(wanted).every(([name, value]) => same(element[name], value))
        : same(element, wanted)
    if (list)
      put(
        document,
        path,
        list.filter((element) => !pulled(element)),
      )
  }
  return document
}
