/** Says matches, orders and changes in MongoDB's own language. */
import mongoose, { type mongo } from 'mongoose'
import type { Edit } from '../change.ts'
import type { Condition, Order } from '../match.ts'

export type Filter = mongo.Filter<{ _id: string }>

/** The documents that fulfil the conditions and, given `expires` and the time, have not expired. */
export function toFilter(conditions: readonly Condition[], expires?: string, now?: Date): Filter {
  const filter: Record<string, unknown> = {}
  for (const condition of conditions) {
    const { name } = condition.path
    const operand = toOperand(condition)
    const there = filter[name]
    // Equality stays plain: MongoDB has a shorter way for a plain _id.
    filter[name] = there === undefined ? operand : { ...asOperators(there), ...asOperators(operand) }
  }
  if (expires !== undefined) {
    const there = filter[expires]
    filter[expires] = { ...(there === undefined ? {} : asOperators(there)), $not: { $lte: now } }
  }
  return filter
}

function toOperand(condition: Condition): unknown {
  switch (condition.operator) {
    case 'eq':
      return condition.value
    case 'prefix':
      return { $regex: new mongoose.mongo.BSONRegExp(`^${escaped(condition.value)}`) }
    default:
      return { [`$${condition.operator}`]: condition.value }
  }
}

function asOperators(operand: unknown): object {
  const plain = typeof operand !== 'object' || operand === null || operand instanceof Date
  return plain ? { $eq: operand } : operand
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

/** What lies behind the last document of the page before. */
export function toPage({ path, descending, after }: Order): Filter | undefined {
  if (!after) return undefined
  const beyond = descending ? '$lt' : '$gt'
  if (path.name === '_id') return { _id: { [beyond]: after.id } }
  const next = [
    { [path.name]: { [beyond]: after.value } },
    { [path.name]: after.value, _id: { [beyond]: after.id } },
  ]
  // Documents without the field come first, so in the other direction last.
  return { $or: descending && path.optional ? [...next, { [path.name]: null }] : next } as Filter
}

export type Update = mongo.UpdateFilter<{ _id: string }>

export function toUpdate(edits: readonly Edit[]): Update {
  const update: Record<string, Record<string, unknown>> = {}
  const add = (operator: string, name: string, value: unknown) => {
    update[operator] = { ...update[operator], [name]: value }
  }
  for (const edit of edits) {
    const { name } = edit.path
    switch (edit.operator) {
      case 'set':
        add('$set', name, toStored(edit.value))
        break
      case 'unset':
        add('$unset', name, true)
        break
      case 'push':
        add('$push', name, { $each: [toStored(edit.value)], $slice: -edit.limit })
        break
      default:
        add(`$${edit.operator}`, name, edit.value)
    }
  }
  return update
}

/** A copy of one's own without undefined fields. */
export function toStored(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) return value.map(toStored)
  const fields = value as Readonly<Record<string, unknown>>
  // To the driver an object with this key is a number, a regular expression or the like; in a Map it is a key.
  if (Object.hasOwn(fields, '_bsontype'))
    return new Map(Object.entries(fields).map(([key, field]) => [key, toStored(field)]))
  const stored: Record<string, unknown> = {}
  for (const key of Object.keys(fields)) {
    const field = fields[key]
    if (field === undefined) continue
    if (key === '__proto__') Object.defineProperty(stored, key, { ...own, value: toStored(field) })
    else stored[key] = toStored(field)
  }
  return stored
}

const own = { enumerable: true, writable: true, configurable: true }
