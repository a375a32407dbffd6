/**
 * What the schema of a collection says of its documents: whether one fits, and what lies at a dotted path.
 * Both engines ask it, so that they refuse the same things in the same words. It knows no engine.
 */
import { z } from 'zod'
import type { AnyCollectionSpec } from './storage.ts'

/** What a value can be; `unknown` is what the schema leaves open. */
export type Kind = 'string' | 'number' | 'boolean' | 'date' | 'null' | 'object' | 'unknown'

export interface Path {
  /** As written, with dots. */
  readonly name: string
  /** The keys, cut where an array is crossed; `[['tags'], []]` ends in the elements of an array. */
  readonly groups: readonly (readonly string[])[]
  /** What the value can be, or, where it is an array, its elements. */
  readonly kinds: ReadonlySet<Kind>
  /** The last value may be an array. */
  readonly array: boolean
  /** One of the keys is not declared but data: a key of a record or of something free. */
  readonly dynamic: boolean
  /** It may be absent from a document that fits. */
  readonly optional: boolean
  /** What a value here has to fit, one of them; and what an element of an array here has to fit. */
  readonly schemas: readonly z.core.$ZodType[]
  readonly elements: readonly z.core.$ZodType[]
}

export interface Shape {
  readonly collection: string
  /** The document as it is stored: undeclared fields are gone. @throws TypeError naming the path, never the value. */
  parse<T>(document: T): T
  /** @throws TypeError when the schema declares no such path. */
  path(name: string): Path
}

/** @throws TypeError when the collection declares an index or an expiry that its schema cannot carry. */
export function createShape(spec: AnyCollectionSpec): Shape {
  if (!/^[a-z][a-zA-Z0-9]{0,40}$/.test(spec.name)) throw new TypeError(`"${spec.name}" names no collection`)
  const known = new Map<string, Path>()
  const shape: Shape = {
    collection: spec.name,
    parse(document) {
      const result = spec.schema.safeParse(document)
      if (!result.success) throw misfit(spec.name, '', result.error.issues)
      return result.data
    },
    path(name) {
      const found = known.get(name)
      if (found) return found
      const path = resolve(spec, name)
      if (!path.dynamic) known.set(name, path)
      return path
    },
  }
  checkNodes(spec.schema, new Set())
  checkKeys(spec, shape)
  return shape
}

/** @throws TypeError when the value fits none of the schemas. */
export function parseValue(
  collection: string,
  name: string,
  schemas: readonly z.core.$ZodType[],
  value: unknown,
): unknown {
  let issues: readonly z.core.$ZodIssue[] = []
  for (const schema of schemas) {
    const result = z.core.safeParse(schema, value)
    if (result.success) return result.data
    issues = result.error.issues
  }
  throw misfit(collection, name, issues)
}

function misfit(collection: string, name: string, issues: readonly z.core.$ZodIssue[]): TypeError {
  const [issue] = issues
  const path = [...(name ? [name] : []), ...(issue?.path ?? [])].map(String).join('.')
  return new TypeError(
    `${collection}: the schema refuses ${path || 'the document'} (${issue?.code ?? 'unknown'})`,
  )
}

/** @throws TypeError when something in the schema is nothing that a document holds. */
function checkNodes(schema: z.core.$ZodType, seen: Set<z.core.$ZodType>): void {
  if (seen.has(schema)) return
  seen.add(schema)
  for (const node of open(schema)) {
    kindsOf(node)
    for (const inner of elementsOf(node)) checkNodes(inner, seen)
    if (node.type === 'record') checkNodes(node.valueType, seen)
    if (node.type === 'object') for (const inner of Object.values(node.shape)) checkNodes(inner, seen)
  }
}

function checkKeys(spec: AnyCollectionSpec, shape: Shape): void {
  const refuse = (name: string, why: string) => new TypeError(`${spec.name}: ${name} cannot be a key: ${why}`)
  for (const name of [...(spec.unique ?? []), ...(spec.index ?? [])].flat()) {
    const path = shape.path(name)
    const [kind] = path.kinds
    if (path.dynamic) throw refuse(name, 'a part of it is not declared')
    if (path.kinds.size !== 1 || kind === 'null' || kind === 'object' || kind === 'unknown')
      throw refuse(name, 'a key is one kind of scalar and never null')
  }
  for (const name of (spec.unique ?? []).flat())
    if (shape.path(name).groups.length > 1) throw refuse(name, 'a unique key crosses no array')
  if (spec.expires !== undefined) {
    const path = shape.path(spec.expires)
    if (path.groups.length > 1 || path.kinds.size !== 1 || !path.kinds.has('date'))
      throw refuse(spec.expires, 'documents expire by a Date')
  }
}

// No operator, no prototype, nothing that would have to be escaped in a JSON path.
const key = /^(?!\$|__proto__$|constructor$|prototype$)[^."'\\\p{Cc}\p{Cs}]+$/u

function resolve(spec: AnyCollectionSpec, name: string): Path {
  const keys = name.split('.')
  if (!keys.every((part) => key.test(part)))
    throw new TypeError(`${spec.name}: ${JSON.stringify(name)} is no path`)
  const groups: string[][] = [[]]
  let schemas: readonly z.core.$ZodType[] = [spec.schema]
  let dynamic = false
  let optional = false
  for (const part of keys) {
    let nodes = schemas.flatMap(open)
    if (nodes.some((node) => node.type === 'array' || node.type === 'tuple')) {
      nodes = nodes.flatMap(elementsOf).flatMap(open)
      groups.push([])
    }
    schemas = nodes.flatMap((node) => {
      const inner = below(node, part)
      if (!inner) return []
      if (inner.dynamic) dynamic = true
      return [inner.schema]
    })
    if (schemas.length === 0)
      throw new TypeError(`${spec.name}: the schema declares no path ${JSON.stringify(name)}`)
    if (schemas.length < nodes.length || schemas.some(takesAbsence)) optional = true
    groups.at(-1)?.push(part)
  }
  const nodes = schemas.flatMap(open)
  const elements = nodes.flatMap(elementsOf)
  const array = nodes.some((node) => node.type === 'array' || node.type === 'tuple')
  if (array) groups.push([])
  const kinds = new Set([...nodes.flatMap(kindsOf), ...elements.flatMap(open).flatMap(kindsOf)])
  return { name, groups, kinds, array, dynamic, optional: optional || dynamic, schemas, elements }
}

function takesAbsence(schema: z.core.$ZodType): boolean {
  return z.core.safeParse(schema, undefined).success
}

type Node = z.core.$ZodTypes['_zod']['def']

/** The schemas that a value can have once all wrappings and choices are taken off. */
export function open(schema: z.core.$ZodType): Node[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'nullable':
      return [...open(def.innerType), { type: 'null' }]
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return open(def.innerType)
    case 'union':
      return def.options.flatMap(open)
    case 'intersection':
      return [...open(def.left), ...open(def.right)]
    case 'pipe':
      return open(def.out)
    case 'lazy':
      return open(def.getter())
    default:
      return [def]
  }
}

function below(node: Node, part: string): { schema: z.core.$ZodType; dynamic: boolean } | undefined {
  if (node.type === 'object') {
    const declared = Object.hasOwn(node.shape, part) ? node.shape[part] : undefined
    if (declared) return { schema: declared, dynamic: false }
    const rest = node.catchall
    return rest && rest._zod.def.type !== 'never' ? { schema: rest, dynamic: true } : undefined
  }
  if (node.type === 'record') return { schema: node.valueType, dynamic: true }
  return kindsOf(node)[0] === 'unknown' ? { schema: z.unknown(), dynamic: true } : undefined
}

function elementsOf(node: Node): readonly z.core.$ZodType[] {
  if (node.type === 'array') return [node.element]
  if (node.type === 'tuple') return node.rest ? [...node.items, node.rest] : node.items
  return []
}

function kindsOf(node: Node): Kind[] {
  switch (node.type) {
    case 'string':
    case 'template_literal':
      return ['string']
    case 'number':
    case 'boolean':
    case 'date':
    case 'null':
      return [node.type]
    case 'literal':
      return node.values.map(kindOfLiteral)
    case 'enum':
      return Object.values(node.entries).map(kindOfLiteral)
    case 'object':
    case 'record':
      return ['object']
    case 'any':
    case 'unknown':
    case 'custom':
    case 'transform':
      return ['unknown']
    case 'array':
    case 'tuple':
    case 'undefined':
    case 'never':
      return []
    default:
      throw new TypeError(`a document cannot hold what zod calls ${node.type}`)
  }
}

function kindOfLiteral(value: unknown): Kind {
  if (value === null) return 'null'
  const kind = typeof value
  if (kind === 'string' || kind === 'number' || kind === 'boolean') return kind
  throw new TypeError(`a document cannot hold the literal ${String(value)}`)
}
