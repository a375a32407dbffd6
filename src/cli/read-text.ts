/** A file that the operator named, relative to where they stand; `-` is standard input. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Terminal } from './terminal.ts'

export function readText({ cwd }: Terminal, file: string): Promise<string> {
  return file === '-' ? text(process.stdin) : readFile(resolve(cwd, file), 'utf8')
}
