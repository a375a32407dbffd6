/** What is wrong with the configuration, in the operator's words. */

export interface Problem {
  /** A variable's name, or the dotted path of a key in the configuration file. */
  readonly path: string
  /** What is there; never the value of a secret. */
  readonly found: string
  /** What would be right. */
  readonly wanted: string
}

/** Thrown once, with every problem there is. */
export class ConfigurationError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ path, found, wanted }) => `  ${path}: found ${found}; wanted ${wanted}`)
    super(`The configuration has ${count(problems.length)}:\n${lines.join('\n')}`)
    this.name = 'ConfigurationError'
    this.problems = problems
  }
}

const count = (n: number) => (n === 1 ? '1 problem' : `${n} problems`)

/** A value as it may stand in a message: short, on one line, without credentials of a URL or a PEM. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'function') return 'a function'
  const text = (JSON.stringify(value) ?? String(value)).replaceAll(/\/\/[^/\s"@]*@/g, '//…@')
  if (text.includes('-----BEGIN')) return 'PEM text (not shown)'
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
