/** Reads the environment: every variable also as `…_FILE`, every problem noted, nothing guessed. */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { type Problem, show } from './problem.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const secretNames = new Set(['MAITRED_SECRET', 'TLS_KEY', 'MONGODB_URI', 'SMTP_URL', 'REDIS_URL'])

export interface Reader {
  /** A variable's text, from itself or from the file that `NAME_FILE` names; empty is absent. */
  text(name: string): string | undefined
  /** A variable's value. `parse` answers undefined for what it cannot read, which is noted as a problem. */
  value<T>(name: string, wanted: string, parse: (text: string) => T | undefined): T | undefined
  problem(path: string, found: string, wanted: string): void
  readonly problems: readonly Problem[]
}

export function createReader(env: Environment, cwd: string): Reader {
  const problems: Problem[] = []
  const problem = (path: string, found: string, wanted: string) => {
    problems.push({ path, found, wanted })
  }

  // Read once, so that a problem is told once.
  const texts = new Map<string, string | undefined>()
  function text(name: string): string | undefined {
    if (!texts.has(name)) texts.set(name, read(name))
    return texts.get(name)
  }

  function read(name: string): string | undefined {
    const file = env[`${name}_FILE`]
    if (!file) return env[name] || undefined
    if (env[name]) {
      problem(name, `${name} and ${name}_FILE`, 'one of the two')
      return env[name]
    }
    try {
      return readFileSync(resolve(cwd, file), 'utf8').trim() || undefined
    } catch (error) {
      problem(`${name}_FILE`, `${show(file)} (${(error as NodeJS.ErrnoException).code})`, 'a readable file')
      return undefined
    }
  }

  function value<T>(name: string, wanted: string, parse: (text: string) => T | undefined): T | undefined {
    const found = text(name)
    if (found === undefined) return undefined
    const parsed = parse(found)
    if (parsed === undefined)
      problem(name, secretNames.has(name) ? 'a value (not shown)' : show(found), wanted)
    return parsed
  }

  for (const name of Object.keys(env)) {
    if (name.startsWith('MAITRED_') && !/^MAITRED_SECRET(_FILE)?$/.test(name)) {
      problem(name, 'an unknown variable', 'MAITRED_SECRET or MAITRED_SECRET_FILE, or no such variable')
    }
  }
  return { text, value, problem, problems }
}

/** A whole number in a range. */
export const wholeNumber = (min: number, max: number) => (text: string) =>
  /^\d{1,6}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined

/** A URL of one of the schemes, as it was written. */
export const urlOf =
  (...schemes: string[]) =>
  (text: string) =>
    schemes.some((scheme) => text.startsWith(`${scheme}://`)) && !/\s/.test(text) ? text : undefined

/** The issuer is exactly an origin, because links, cookies and discovery are made from it. */
export function parseIssuer(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.origin !== text) return undefined
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)) ? url : undefined
}

/** RFC 8252, 8.3 and RFC 6761, 6.3: names and addresses that never leave the machine. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}

/** A list of CIDRs; a bare address is a network of one. */
export function parseNetworks(text: string): string[] | undefined {
  const networks = list(text).map((item) => {
    const [address = '', bits, ...rest] = item.split('/')
    const width = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : undefined
    if (width === undefined || rest.length > 0) return undefined
    const prefix = bits === undefined ? width : wholeNumber(0, width)(bits)
    return prefix === undefined ? undefined : `${address}/${prefix}`
  })
  return networks.every((network) => network !== undefined) ? networks : undefined
}

/** `name@host` or `Words <name@host>`; on one line, because it becomes a header. */
export function parseMailbox(text: string): string | undefined {
  return /^(?:[^\s<>@,;]+@[^\s<>@,;]+|[^<>\p{Cc}]*<[^\s<>@,;]+@[^\s<>@,;]+>)$/u.test(text) ? text : undefined
}

export const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
