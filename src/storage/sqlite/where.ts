/**
 * Turns conditions into SQL over the JSON of a document. One scalar outside of arrays is an expression that
 * indexes know; everything else asks the elements one by one, as MongoDB does.
 */
import type { Condition } from '../match.ts'
import type { Kind, Path } from '../shape.ts'
import type { Scalar } from '../storage.ts'
import { bound, column, jsonPath, mark, quote, type Sql, type Value } from './sql.ts'
import { elementTable } from './tables.ts'

const comparisons = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

/** Greater than every string that begins with what stands before it. */
const last = '\u{10FFFF}'

/** All conditions; `indexed` says which paths through arrays have a table of their elements. */
export function where(
  collection: string,
  conditions: readonly Condition[],
  indexed: (path: Path) => boolean,
): Sql {
  let text = ''
  const values: Value[] = []
  for (const condition of conditions) {
    let one: Sql | undefined
    if (isPlainScalar(condition.path)) one = plain(condition)
    else if (indexed(condition.path)) one = listed(collection, condition)
    one ??= nested(condition)
    text += text === '' ? one.text : ` AND ${one.text}`
    values.push(...one.values)
  }
  return { text: text === '' ? '1' : text, values }
}

function isPlainScalar(path: Path): boolean {
  if (path.groups.length > 1) return false
  const size = path.kinds.has('null') ? path.kinds.size - 1 : path.kinds.size
  return size === 1 && !path.kinds.has('object') && !path.kinds.has('unknown')
}

function plain(condition: Condition): Sql {
  const { path, operator, value } = condition
  const field = column(path)
  switch (operator) {
    case 'ne': {
      const marked = mark(value)
      return join(field, `${field.text} IS NOT ${marked.text}`, marked.values)
    }
    case 'in':
      return join(field, `${field.text} IN (SELECT value FROM json_each(?))`, [JSON.stringify(value)])
    case 'exists':
      if (path.kinds.has('null')) return present(path, value)
      return join(field, `${field.text} IS ${value ? 'NOT ' : ''}NULL`, [])
    case 'prefix':
      if (value === '') return join(field, `${field.text} IS NOT NULL`, [])
      return {
        text: `(${field.text} >= ? AND ${field.text} < ?)`,
        values: [...field.values, value, ...field.values, value + last],
      }
    default: {
      const marked = mark(value)
      return join(field, `${field.text} ${comparisons[operator]} ${marked.text}`, marked.values)
    }
  }
}

function join(field: Sql, text: string, values: readonly Value[]): Sql {
  return { text, values: field.values.length > 0 ? [...field.values, ...values] : values }
}

function present(path: Path, wanted: boolean): Sql {
  return {
    text: `json_type(doc, ?) IS ${wanted ? 'NOT ' : ''}NULL`,
    values: [jsonPath(path.groups[0] ?? [])],
  }
}

/** By the table of the elements, where that says it all. */
function listed(collection: string, condition: Condition): Sql | undefined {
  const { path, operator, value } = condition
  const rows = `_id IN (SELECT _id FROM ${quote(elementTable(collection, path))} WHERE value`
  if (operator === 'in')
    return { text: `${rows} IN (SELECT value FROM json_each(?)))`, values: [JSON.stringify(value)] }
  if (operator === 'prefix' && value !== '')
    return { text: `${rows} >= ? AND value < ?)`, values: [value, value + last] }
  if (operator === 'ne' || operator === 'exists' || operator === 'prefix') return undefined
  const marked = mark(value)
  return { text: `${rows} ${comparisons[operator]} ${marked.text})`, values: marked.values }
}

function nested(condition: Condition): Sql {
  const { path, operator, value } = condition
  switch (operator) {
    case 'exists': {
      if (path.groups.length === (path.array ? 2 : 1)) return present(path, value)
      const found = elements(path, path.array ? path.groups.slice(0, -1) : path.groups)
      return exists(found, { text: `${found.type.text} IS NOT NULL`, values: found.type.values }, value)
    }
    case 'ne':
      return exists(elements(path), equal(elements(path), [value]), false)
    case 'eq':
      return exists(elements(path), equal(elements(path), [value]), true)
    case 'in':
      return exists(elements(path), equal(elements(path), value), true)
    case 'prefix': {
      const found = elements(path)
      const guard = typed(found, 'string')
      const range = value === '' ? '' : ` AND ${found.value.text} >= ? AND ${found.value.text} < ?`
      const values = value === '' ? [] : [...found.value.values, value, ...found.value.values, value + last]
      return exists(found, { text: guard.text + range, values: [...guard.values, ...values] }, true)
    }
    default: {
      const found = elements(path)
      const guard = typed(found, kindOf(value))
      const marked = mark(value)
      return exists(
        found,
        {
          text: `${guard.text} AND ${found.value.text} ${comparisons[operator]} ${marked.text}`,
          values: [...guard.values, ...found.value.values, ...marked.values],
        },
        true,
      )
    }
  }
}

/** The rows that a path leads to, and the value and JSON type of each. */
interface Elements {
  readonly from: Sql | undefined
  readonly value: Sql
  readonly type: Sql
}

function elements(path: Path, groups: readonly (readonly string[])[] = groupsOf(path)): Elements {
  let from: Sql | undefined
  let source = 'doc'
  for (const [index, keys] of groups.slice(0, -1).entries()) {
    const table = `e${index}`
    const before: Sql | undefined = from
    const values: Value[] = [jsonPath(keys)]
    // An object at the place of the array is not a list of its fields.
    const rows = `json_each(CASE json_type(${source}, ?) WHEN 'object' THEN NULL ELSE ${source} END, ?) AS ${table}`
    from = {
      text: before ? `${before.text}, ${rows}` : rows,
      values: [...(before?.values ?? []), ...values, ...values],
    }
    // Only an object has keys; anything else is no JSON text to look into.
    source = `CASE ${table}.type WHEN 'object' THEN ${table}.value END`
  }
  const keys = groups.at(-1) ?? []
  if (keys.length === 0) {
    const table = `e${groups.length - 2}`
    return {
      from,
      value: { text: `${table}.value`, values: [] },
      type: { text: `${table}.type`, values: [] },
    }
  }
  const values = [jsonPath(keys)]
  return {
    from,
    value: { text: `json_extract(${source}, ?)`, values },
    type: { text: `json_type(${source}, ?)`, values },
  }
}

/** What is free may be an array, and is asked like one. */
function groupsOf(path: Path): readonly (readonly string[])[] {
  return path.kinds.has('unknown') && !path.array ? [...path.groups, []] : path.groups
}

function exists(found: Elements, condition: Sql, wanted: boolean): Sql {
  const not = wanted ? '' : 'NOT '
  if (!found.from) return { text: `${not}ifnull(${condition.text}, 0)`, values: condition.values }
  return {
    text: `${not}EXISTS (SELECT 1 FROM ${found.from.text} WHERE ${condition.text})`,
    values: [...found.from.values, ...condition.values],
  }
}

function equal(found: Elements, wanted: readonly Scalar[]): Sql {
  const parts: string[] = []
  const values: Value[] = []
  for (const kind of ['string', 'number', 'boolean'] as const) {
    const some = wanted.filter((value) => kindOf(value) === kind)
    if (some.length === 0) continue
    const guard = typed(found, kind)
    parts.push(`${guard.text} AND ${found.value.text} IN (SELECT value FROM json_each(?))`)
    values.push(...guard.values, ...found.value.values, JSON.stringify(some.map(bound)))
  }
  return { text: parts.length === 0 ? '0' : `(${parts.map((part) => `(${part})`).join(' OR ')})`, values }
}

type Stored = Extract<Kind, 'string' | 'number' | 'boolean'>

function kindOf(value: Scalar): Stored {
  if (typeof value === 'number') return 'number'
  return typeof value === 'boolean' ? 'boolean' : 'string'
}

const types = { string: "= 'text'", number: "IN ('integer', 'real')", boolean: "IN ('true', 'false')" }

function typed(found: Elements, kind: Stored): Sql {
  return { text: `${found.type.text} ${types[kind]}`, values: found.type.values }
}
