/**
 * Turns conditions into SQL over the JSON of a document. One scalar outside of arrays is an expression that
 * indexes know; everything else asks the elements one by one, as MongoDB does.
 */
import type { Condition } from '../match.ts'
import type { Kind, Path } from '../shape.ts'
import type { Scalar } from '../storage.ts'
import type { Keys } from './keys.ts'
import { bound, type Field, field, jsonPath, list, mark, type Sql, type Value } from './sql.ts'

const comparisons = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

/** Greater than every string that begins with what stands before it. */
const last = '\u{10FFFF}'

/** All conditions at once. */
export function where(conditions: readonly Condition[], keys: Keys): Sql {
  let text = ''
  const values: Value[] = []
  for (const condition of conditions) {
    const table = keys.elements(condition.path)
    let one: Sql | undefined
    if (isPlainScalar(condition.path)) one = plain(condition, field(condition.path, keys))
    else if (table) one = listed(condition, table)
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

function plain({ path, operator, value }: Condition, at: Field): Sql {
  const join = (sign: string, right: Sql): Sql => ({
    text: `${at.text} ${sign} ${right.text}`,
    values: at.values.length > 0 ? [...at.values, ...right.values] : right.values,
  })
  switch (operator) {
    case 'ne':
      return join('IS NOT', mark(value, at.json))
    case 'in':
      return join('IN', list(value, at.json))
    case 'exists':
      if (path.kinds.has('null')) return present(path, value)
      return join(value ? 'IS NOT' : 'IS', { text: 'NULL', values: [] })
    case 'prefix':
      if (value === '') return join('IS NOT', { text: 'NULL', values: [] })
      return {
        text: `(${at.text} >= ? AND ${at.text} < ?)`,
        values: [...at.values, value, ...at.values, value + last],
      }
    default:
      return join(comparisons[operator], mark(value, at.json))
  }
}

function present(path: Path, wanted: boolean): Sql {
  return {
    text: `json_type(doc, ?) IS ${wanted ? 'NOT ' : ''}NULL`,
    values: [jsonPath(path.groups[0] ?? [])],
  }
}

/** By the table of the elements, where that says it all. */
function listed({ operator, value }: Condition, table: string): Sql | undefined {
  const rows = (right: string, values: readonly Value[]): Sql => ({
    text: `_id IN (SELECT _id FROM ${table} WHERE value ${right})`,
    values,
  })
  if (operator === 'ne' || operator === 'exists') return undefined
  if (operator === 'in') {
    const { text, values } = list(value, true)
    return rows(`IN ${text}`, values)
  }
  if (operator === 'prefix')
    return value === '' ? undefined : rows('>= ? AND value < ?', [value, value + last])
  const marked = mark(value, true)
  return rows(`${comparisons[operator]} ${marked.text}`, marked.values)
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
      const marked = mark(value, true)
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
