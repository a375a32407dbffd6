/** Makes dates of the ISO strings in a document read from JSON, where the schema of its collection declares them. */
import type { z } from 'zod'
import { open } from '../shape.ts'

/** Changes containers in place and returns the value, or the Date in its stead. */
export type Revive = (value: unknown) => unknown

type Fields = Record<string, unknown>

/** The reviver of a schema, or `undefined` when there is no date in it. */
export function reviver(schema: z.core.$ZodType): Revive | undefined {
  return compile(schema, new Map())
}

function compile(
  schema: z.core.$ZodType,
  known: Map<object, { revive?: Revive | undefined }>,
): Revive | undefined {
  const before = known.get(schema)
  if (before) return (value) => (before.revive ? before.revive(value) : value)
  const slot: { revive?: Revive | undefined } = {}
  known.set(schema, slot)
  const choices = open(schema).flatMap((node) => {
    const revive = compileNode(node, known)
    return revive ? [{ fits: fitOf(node), revive }] : []
  })
  const [first] = choices
  if (first && choices.length === 1 && open(schema).filter((node) => node.type !== 'null').length === 1)
    slot.revive = first.revive
  else if (first)
    slot.revive = (value) => {
      const choice = choices.find(({ fits }) => fits(value))
      return choice ? choice.revive(value) : value
    }
  known.delete(schema)
  return slot.revive
}

type Node = ReturnType<typeof open>[number]

function compileNode(node: Node, known: Parameters<typeof compile>[1]): Revive | undefined {
  switch (node.type) {
    case 'date':
      return (value) => (typeof value === 'string' ? new Date(value) : value)
    case 'object': {
      const rest = node.catchall && compile(node.catchall, known)
      const fields = Object.entries(node.shape).flatMap(([name, inner]) => {
        const revive = compile(inner, known)
        return revive ? [[name, revive] as const] : []
      })
      if (rest)
        return (value) =>
          reviveEntries(value, (name) => (Object.hasOwn(node.shape, name) ? undefined : rest), fields)
      return fields.length > 0 ? (value) => reviveFields(value, fields) : undefined
    }
    case 'record': {
      const inner = compile(node.valueType, known)
      return inner && ((value) => reviveEntries(value, () => inner, []))
    }
    case 'array': {
      const inner = compile(node.element, known)
      return inner && ((value) => (Array.isArray(value) ? value.map(inner) : value))
    }
    case 'tuple': {
      const items = node.items.map((item) => compile(item, known))
      const rest = node.rest ? compile(node.rest, known) : undefined
      if (!rest && !items.some((item) => item)) return undefined
      return (value) =>
        Array.isArray(value)
          ? value.map((one: unknown, index) => (index < items.length ? items[index] : rest)?.(one) ?? one)
          : value
    }
    default:
      return undefined
  }
}

function reviveFields(value: unknown, fields: readonly (readonly [string, Revive])[]): unknown {
  if (!isFields(value)) return value
  for (const [name, revive] of fields) {
    const inner = value[name]
    if (inner !== undefined && inner !== null) value[name] = revive(inner)
  }
  return value
}

function reviveEntries(
  value: unknown,
  reviveOf: (name: string) => Revive | undefined,
  fields: readonly (readonly [string, Revive])[],
): unknown {
  if (!isFields(value)) return value
  for (const name of Object.keys(value)) {
    const revive = reviveOf(name)
    if (revive) value[name] = revive(value[name])
  }
  return reviveFields(value, fields)
}

const isoDate = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Whether a value from JSON is of this choice of a union: by its literals where it is an object. */
function fitOf(node: Node): (value: unknown) => boolean {
  if (node.type === 'date') return (value) => typeof value === 'string' && isoDate.test(value)
  if (node.type === 'array' || node.type === 'tuple') return Array.isArray
  if (node.type !== 'object') return isFields
  const literals = Object.entries(node.shape).flatMap(([name, inner]) => {
    const values = open(inner).flatMap((one) => {
      if (one.type === 'literal') return one.values as readonly unknown[]
      return one.type === 'enum' ? Object.values(one.entries) : []
    })
    return values.length > 0 ? [[name, new Set<unknown>(values)] as const] : []
  })
  return (value) => isFields(value) && literals.every(([name, values]) => values.has(value[name]))
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
