/** Where in a YAML text a value stands, so that a problem can name its line. */
import { createRequire } from 'node:module'
import type { Document, Node } from 'yaml'

const require = createRequire(import.meta.url)

/** With the first file: it takes long to load, and a server reads none. */
const yaml = () => require('yaml') as typeof import('yaml')

export interface Located {
  /** Plain data; `undefined` when the text is no YAML. */
  value: unknown
  problems: { line: number; text: string }[]
  /** The line of the value at this path, or of the nearest thing around it; from 1. */
  lineOf(path: readonly PropertyKey[]): number
}

/** Reads one YAML 1.2 document. Keys that stand twice are problems, as are broken lines. */
export function locate(text: string): Located {
  const { LineCounter, parseDocument } = yaml()
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const line = (offset: number | undefined) => (offset === undefined ? 1 : counter.linePos(offset).line)
  const problems = document.errors.map((error) => ({ line: line(error.pos[0]), text: error.message }))
  let value: unknown
  try {
    if (problems.length === 0) value = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    // An alias without an anchor, or so many that they would fill the memory.
    if (!(error instanceof ReferenceError)) throw error
    problems.push({ line: 1, text: error.message })
  }
  return {
    value,
    problems,
    lineOf: (path) => line(offsetOf(document, path)),
  }
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const { isMap, isScalar, isSeq } = yaml()
  let node: Node | null = document.contents as Node | null
  let offset = node?.range?.[0]
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      if (!pair) return offset
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value as Node | null
    } else if (isSeq(node) && typeof key === 'number') {
      node = (node.items[key] as Node | undefined) ?? null
      offset = node?.range?.[0] ?? offset
    } else return offset
  }
  return offset
}
