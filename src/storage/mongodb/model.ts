/** Turns a collection's declaration into a mongoose model: real types, and the indexes as the declaration means them. */
import { type Connection, type IndexDefinition, type IndexOptions, type Model, Schema } from 'mongoose'
import type { z } from 'zod'
import { open } from '../shape.ts'
import type { AnyCollectionSpec, Document } from '../storage.ts'

// A clock of the database that runs ahead must not sweep what still counts here.
const SWEEP_GRACE_SECONDS = 60

export function createModel(connection: Connection, spec: AnyCollectionSpec): Model<Document> {
  const schema = subschema(spec.schema) ?? new Schema({}, settings)
  for (const keys of spec.unique ?? []) {
    // Absent fields are not constrained, so only documents that have all of them are in the index.
    const present = Object.fromEntries(keys.map((key) => [key, { $exists: true }]))
    schema.index(...ascending('unique', keys, { unique: true, partialFilterExpression: present }))
  }
  // Behind the keys lies `_id`, by which ties are broken and pages go on.
  for (const keys of spec.index ?? []) schema.index(...ascending('index', [...keys, '_id'], {}))
  if (spec.expires !== undefined) {
    // Partial, so that no query by "not expired yet" takes it for a way to find documents.
    const present = { [spec.expires]: { $exists: true } }
    const options = { expireAfterSeconds: SWEEP_GRACE_SECONDS, partialFilterExpression: present }
    schema.index(...ascending('expires', [spec.expires], options))
  }
  return connection.model<Document>(spec.name, schema, spec.name)
}

function ascending(
  kind: string,
  keys: readonly string[],
  options: IndexOptions,
): [IndexDefinition, IndexOptions] {
  const unrepeated = [...new Set(keys)]
  const name = [kind, ...unrepeated].join('_')
  return [Object.fromEntries(unrepeated.map((key) => [key, 1 as const])), { name, ...options }]
}

/** A field may be called `type`, hence `$type`; nothing is added to what is stored. */
const settings = {
  _id: false,
  id: false,
  versionKey: false,
  minimize: false,
  strict: 'throw',
  typeKey: '$type',
  autoIndex: false,
  autoCreate: false,
  suppressReservedKeysWarning: true,
} as const

function subschema(type: z.core.$ZodType): Schema<Document> | undefined {
  const [node, ...others] = open(type).filter(({ type: kind }) => kind !== 'null')
  if (node?.type !== 'object' || others.length > 0) return undefined
  const fields = Object.entries(node.shape).map(([name, field]) => [name, { $type: typeOf(field) }])
  return new Schema<Document>(Object.fromEntries(fields), settings)
}

/** The mongoose type of a field; what is left open, or a choice of several types, is mixed. */
function typeOf(type: z.core.$ZodType): unknown {
  const [node, ...others] = open(type).filter(({ type: kind }) => kind !== 'null')
  if (!node || others.length > 0) return Schema.Types.Mixed
  switch (node.type) {
    case 'string':
    case 'template_literal':
      return String
    case 'number':
      return Number
    case 'boolean':
      return Boolean
    case 'date':
      return Date
    case 'literal':
      return typeOfValues(node.values)
    case 'enum':
      return typeOfValues(Object.values(node.entries))
    case 'array':
      return [{ $type: typeOf(node.element) }]
    case 'object':
      return subschema(type)
    default:
      return Schema.Types.Mixed
  }
}

function typeOfValues(values: readonly unknown[]): unknown {
  const [kind, ...others] = new Set(values.map((value) => typeof value))
  if (others.length > 0) return Schema.Types.Mixed
  return { string: String, number: Number, boolean: Boolean }[String(kind)] ?? Schema.Types.Mixed
}
