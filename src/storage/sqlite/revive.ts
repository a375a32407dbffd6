/** Makes dates of the ISO strings in a document read from JSON, where the schema of its collection declares them. */
import type { z } from 'zod'
import { open } from '../shape.ts'

/** Changes containers in place and returns the value, or the Date in its stead. */
export type Revive = (value: unknown) => unknown

type Fields = Record<string, unknown>

/** Schemas that are being compiled, because one may contain itself. */
type Known = Map<object, { revive?: Revive | undefined }>

/** The reviver of a schema, or `undefined` when there is no date in it. */
export function reviver(schema: z.core.$ZodType): Revive | undefined {
  return compile(schema, new Map())
}

function compile(schema: z.core.$ZodType, known: Known): Revive | undefined {
  const before = known.get(schema)
  if (before) return (value) => (before.revive ? before.revive(value) : value)
  const slot: { revive?: Revive | undefined } = {}
  known.set(schema, slot)
  slot.revive = compileSchema(schema, known)
  known.delete(schema)
  return slot.revive
}

function compileSchema(schema: z.core.$ZodType, known: Known): Revive | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if ('innerType' in def && def.type !== 'promise') return compile(def.innerType, known)
  if (def.type === 'intersection') {
    const [left, right] = [compile(def.left, known), compile(def.right, known)]
    return left && right ? (value) => right(left(value)) : (left ?? right)
  }
  if (def.type === 'pipe') return compile(def.out, known)
  if (def.type === 'lazy') return compile(def.getter(), known)
  if (def.type !== 'union') return compileNode(def, known)
  const choices = def.options.map((option) => ({ fits: fitOf(option), revive: compile(option, known) }))
  if (!choices.some(({ revive }) => revive)) return undefined
  return (value) => choices.find(({ fits }) => fits(value))?.revive?.(value) ?? value
}

type Node = ReturnType<typeof open>[number]

function compileNode(node: Node, known: Known): Revive | undefined {
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

/** Whether a value from JSON is of this choice of a union. Text is only a choice of its own where no date fits. */
function fitOf(schema: z.core.$ZodType): (value: unknown) => boolean {
  const fits = open(schema).map((node): ((value: unknown) => boolean) => {
    if (node.type === 'date') return (value) => typeof value === 'string' && isoDate.test(value)
    if (node.type === 'array' || node.type === 'tuple') return Array.isArray
    if (node.type === 'record') return isFields
    return node.type === 'object' ? fitOfObject(node) : () => false
  })
  return (value) => fits.some((fit) => fit(value))
}

/** By its literals, by what it must have, and by what it knows: a stored object has nothing else. */
function fitOfObject({ shape, catchall }: Extract<Node, { type: 'object' }>): (value: unknown) => boolean {
  const names = Object.keys(shape)
  const literals = names.flatMap((name) => {
    const values = open(shape[name] as z.core.$ZodType).flatMap((one): unknown[] => {
      if (one.type === 'literal') return one.values
      return one.type === 'enum' ? Object.values(one.entries) : []
    })
    return values.length > 0 ? [[name, new Set(values)] as const] : []
  })
  const needed = names.filter((name) => shape[name]?._zod.optout !== 'optional')
  const takesMore = catchall !== undefined && catchall._zod.def.type !== 'never'
  return (value) =>
    isFields(value) &&
    literals.every(([name, values]) => !Object.hasOwn(value, name) || values.has(value[name])) &&
    needed.every((name) => Object.hasOwn(value, name)) &&
    (takesMore || Object.keys(value).every((name) => Object.hasOwn(shape, name)))
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
