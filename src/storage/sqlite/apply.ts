/** Makes the edits of a change in a document as it lies in JSON. */
import type { Edit } from '../change.ts'
import type { Scalar } from '../storage.ts'

/** JSON as parsed: dates are ISO strings. */
export type Json = Record<string, unknown>

/** An edit whose values are JSON already and belong to nobody else. */
export interface Applied {
  readonly keys: readonly string[]
  readonly edit: Edit
}

/** Called when the write is asked for, not when it is made: what the caller does to his values later is his. */
export function prepare(edits: readonly Edit[]): Applied[] {
  return edits.map((edit) => ({
    keys: edit.path.groups[0] ?? [],
    edit: edit.operator === 'set' || edit.operator === 'push' ? { ...edit, value: toJson(edit.value) } : edit,
  }))
}

/** @throws TypeError when something free turns out to be no object, array or number. */
export function apply(document: Json, changes: readonly Applied[]): void {
  for (const { keys, edit } of changes) {
    const makes = edit.operator !== 'unset' && edit.operator !== 'pull'
    const parent = descend(document, keys, makes)
    const name = keys.at(-1) ?? ''
    if (!parent) continue
    const before = Object.hasOwn(parent, name) ? parent[name] : undefined
    switch (edit.operator) {
      case 'set':
        parent[name] = edit.value
        break
      case 'unset':
        delete parent[name]
        break
      case 'inc':
        if (before !== undefined && typeof before !== 'number') throw unfit(edit, 'number')
        parent[name] = (before ?? 0) + edit.value
        break
      case 'push':
        if (before !== undefined && !Array.isArray(before)) throw unfit(edit, 'array')
        parent[name] = [...(before ?? []), edit.value].slice(-edit.limit)
        break
      case 'pull':
        if (before === undefined) break
        if (!Array.isArray(before)) throw unfit(edit, 'array')
        parent[name] = before.filter((element: unknown) => !isPulled(element, edit.value))
    }
  }
}

function descend(document: Json, keys: readonly string[], makes: boolean): Json | undefined {
  let place = document
  for (const key of keys.slice(0, -1)) {
    let next = Object.hasOwn(place, key) ? place[key] : undefined
    if (next === undefined) {
      if (!makes) return undefined
      next = place[key] = {}
    }
    if (!isObject(next)) {
      if (!makes) return undefined
      throw new TypeError(`${key} holds no fields`)
    }
    place = next
  }
  return place
}

function isPulled(element: unknown, wanted: Scalar | Readonly<Record<string, Scalar>>): boolean {
  if (typeof wanted !== 'object' || wanted instanceof Date) return element === toJson(wanted)
  return (
    isObject(element) &&
    Object.keys(wanted).every(
      (name) => Object.hasOwn(element, name) && element[name] === toJson(wanted[name]),
    )
  )
}

function toJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return value instanceof Date ? value.toISOString() : JSON.parse(JSON.stringify(value))
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unfit(edit: Edit, kind: string): TypeError {
  return new TypeError(`${edit.path.name} holds no ${kind}`)
}
