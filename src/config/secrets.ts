/** The key-encryption keys: read from the environment, or made once on a development machine. */
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { list } from './environment.ts'

const BYTES = 32

/** Every item is 32 bytes in base64url, and none stands twice; else undefined. */
export function parseSecrets(text: string): string[] | undefined {
  const secrets = list(text)
  const sound = secrets.every((secret) => {
    const bytes = Buffer.from(secret, 'base64url')
    return bytes.length === BYTES && bytes.toString('base64url') === secret
  })
  return sound && secrets.length > 0 && new Set(secrets).size === secrets.length ? secrets : undefined
}

/**
 * The development secret in `dataDir/secret`, made when it is not there.
 * @returns undefined when the file holds something else.
 */
export function developmentSecret(dataDir: string): string[] | undefined {
  const file = join(dataDir, 'secret')
  return parseSecrets((read(file) ?? make(dataDir, file)).trim())
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Linked into place, so that of two processes that start together one wins and nobody reads half a secret. */
function make(dataDir: string, file: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${randomBytes(BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  return readFileSync(file, 'utf8')
}
