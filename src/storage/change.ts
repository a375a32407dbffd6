/** Reads a change into a list of edits that are known to make sense; both engines refuse the rest alike. */
import { checkScalar, isPlain, wrong } from './match.ts'
import { type Path, parseValue, type Shape } from './shape.ts'
import type { Change, Scalar } from './storage.ts'

/** One edit of one path. No two edits of a change touch the same path or one below the other. */
export type Edit =
  | { path: Path; operator: 'set'; value: unknown }
  | { path: Path; operator: 'unset' }
  | { path: Path; operator: 'inc'; value: number }
  | { path: Path; operator: 'push'; value: unknown; limit: number }
  /** A scalar, or fields that an element has to have. */
  | { path: Path; operator: 'pull'; value: Scalar | Readonly<Record<string, Scalar>> }

/** @throws TypeError when a path is not declared, crosses an array, or would hold what the schema refuses. */
export function readChange(shape: Shape, change: Change): Edit[] {
  if (!isPlain(change)) throw new TypeError(`${shape.collection}: a change is an object`)
  const edits: Edit[] = []
  for (const operator of Object.keys(change)) {
    const fields: unknown = change[operator as keyof Change]
    if (!isPlain(fields)) throw new TypeError(`${shape.collection}: ${operator} takes fields`)
    for (const name of Object.keys(fields)) edits.push(readEdit(shape, operator, name, fields[name]))
  }
  if (edits.length === 0) throw new TypeError(`${shape.collection}: a change that changes nothing`)
  if (edits.length > 1) checkOverlap(shape, edits)
  return edits
}

function readEdit(shape: Shape, operator: string, name: string, value: unknown): Edit {
  const path = shape.path(name)
  if (name === '_id') throw wrong(shape, path, 'never changes')
  if (path.groups.length > (path.array ? 2 : 1)) throw wrong(shape, path, 'lies inside an array')
  switch (operator) {
    case '$set': {
      const parsed = parseValue(shape.collection, name, path.schemas, value)
      return parsed === undefined ? { path, operator: 'unset' } : { path, operator: 'set', value: parsed }
    }
    case '$unset':
      // A key of a record may always go, whatever its values have to be; so may what may be absent but never undefined.
      if (!path.dynamic && !path.schemas.some((schema) => schema._zod.optout === 'optional'))
        parseValue(shape.collection, name, path.schemas, undefined)
      return { path, operator: 'unset' }
    case '$inc':
      if (typeof value !== 'number') throw wrong(shape, path, 'is incremented by a number')
      checkScalar(shape, path, value)
      return { path, operator: 'inc', value }
    case '$push':
      return readPush(shape, path, value)
    case '$pull':
      return readPull(shape, path, value)
    default:
      throw wrong(shape, path, `cannot be changed by ${JSON.stringify(operator)}`)
  }
}

function readPush(shape: Shape, path: Path, push: unknown): Edit {
  checkArray(shape, path)
  if (!isPlain(push) || !Number.isInteger(push.limit) || Number(push.limit) < 1)
    throw wrong(shape, path, 'is pushed { value, limit } with a limit of at least 1')
  const value = path.array ? parseValue(shape.collection, path.name, path.elements, push.value) : push.value
  if (value === undefined) throw wrong(shape, path, 'is pushed a value')
  return { path, operator: 'push', value, limit: Number(push.limit) }
}

function readPull(shape: Shape, path: Path, value: unknown): Edit {
  checkArray(shape, path)
  if (!isPlain(value)) return { path, operator: 'pull', value: checkScalar(shape, path, value) }
  const fields: Record<string, Scalar> = {}
  for (const name of Object.keys(value)) {
    const field = shape.path(`${path.name}.${name}`)
    if (name.includes('.') || field.array) throw wrong(shape, field, 'is no field to pull by')
    fields[name] = checkScalar(shape, field, value[name])
  }
  if (Object.keys(fields).length === 0) throw wrong(shape, path, 'is pulled nothing')
  return { path, operator: 'pull', value: fields }
}

function checkArray(shape: Shape, path: Path): void {
  if (!path.array && !path.kinds.has('unknown')) throw wrong(shape, path, 'is no array')
}

function checkOverlap(shape: Shape, edits: readonly Edit[]): void {
  for (const [index, { path }] of edits.entries())
    for (const [place, other] of edits.entries())
      if (place !== index && `${other.path.name}.`.startsWith(`${path.name}.`))
        throw wrong(shape, other.path, `is changed twice, here and by ${path.name}`)
}
