/** A state file read and checked, or one error that names every problem with its line. */
import { MaitredError } from '../errors.ts'
import { type DesiredState, documentSchema } from './document-schema.ts'
import { type Located, locate } from './locate.ts'

export interface Problem {
  line: number
  /** Dotted; empty for the file as a whole. */
  path: string
  /** What is wrong or wanted; never the value, which may be a secret. */
  text: string
}

/** Thrown once, with every problem there is. */
export class DocumentError extends MaitredError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super('invalid_form')
    this.name = 'DocumentError'
    this.problems = problems.toSorted((a, b) => a.line - b.line)
    const lines = this.problems.map(({ line, path, text }) => `  line ${line}${path && `, ${path}`}: ${text}`)
    this.message = `The state file has ${count(lines.length)}:\n${lines.join('\n')}`
  }
}

export interface StateDocument extends DesiredState {
  /** Makes a problem of what is wrong at a path. */
  problemAt(path: readonly PropertyKey[], text: string): Problem
}

/** @throws DocumentError */
export function readDocument(text: string): StateDocument {
  const located = locate(text)
  if (located.problems.length > 0) throw new DocumentError(located.problems.map((p) => ({ ...p, path: '' })))
  const problemAt = problemMaker(located)
  const result = documentSchema.safeParse(located.value ?? {})
  if (result.success) return { ...result.data, problemAt }
  throw new DocumentError(
    result.error.issues.flatMap((issue) => {
      if (issue.code === 'unrecognized_keys')
        return issue.keys.map((key) => problemAt([...issue.path, key], `unknown; wanted ${issue.message}`))
      // Zod tells a wrong key by an issue around the issues of the key itself.
      const message =
        issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
      return [problemAt(issue.path, `wanted ${message}`)]
    }),
  )
}

function problemMaker({ lineOf }: Located): StateDocument['problemAt'] {
  return (path, text) => ({ line: lineOf(path), path: path.map(String).join('.'), text })
}

const count = (n: number) => (n === 1 ? '1 problem' : `${n} problems`)
