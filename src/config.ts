/**
 * The typed configuration: the environment and the configuration file become one frozen value, or one
 * error that names every problem. It reads; it opens nothing and connects to nothing.
 */
import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import {
  createReader,
  type Environment,
  isLoopback,
  parseIssuer,
  parseMailbox,
  parseNetworks,
  type Reader,
  urlOf,
  wholeNumber,
} from './config/environment.ts'
import { type ConfigInput, type FileConfig, importFile, parseFile } from './config/file.ts'
import { ConfigurationError } from './config/problem.ts'
import { developmentSecret, parseSecrets } from './config/secrets.ts'
import { readTls, type Tls } from './config/tls.ts'

export { ConfigurationError, type Problem } from './config/problem.ts'
export type { ConfigInput, Environment }

/** Everything that was configured; deeply frozen. Durations are in seconds. */
export interface Config extends FileConfig {
  /** An origin, without a trailing slash. */
  readonly issuer: string
  /** The issuer is plain HTTP on a loopback. */
  readonly development: boolean
  readonly port: number
  readonly host: string
  /** A replica set's URI; absent, the embedded engine. */
  readonly mongodbUri?: string | undefined
  /** Absolute. */
  readonly dataDir: string
  readonly smtpUrl?: string | undefined
  /** A mailbox, `Name <address>`. */
  readonly mailFrom: string
  /** 32 bytes base64url each; the first seals, all open. */
  readonly secrets: readonly string[]
  readonly redisUrl?: string | undefined
  readonly tls?: Tls | undefined
  /** CIDRs. */
  readonly trustedProxies: readonly string[]
  readonly workers: number
}

/** Types a configuration file: `export default defineConfig({ … })`. */
export function defineConfig(input: ConfigInput): ConfigInput {
  return input
}

const DEFAULT_FILE = 'config/maitred.config.ts'

/**
 * Reads the environment and the configuration file. On a development issuer a missing secret is made in `DATA_DIR`.
 * @throws ConfigurationError with every problem at once.
 */
export async function loadConfig({ env, cwd }: { env: Environment; cwd: string }): Promise<Config> {
  const reader = createReader(env, cwd)
  const given = readVariables(reader, cwd)
  const { file, problems } = await readFile(reader, cwd, given.development)
  if (file?.mail && given.smtpUrl) {
    const wanted = 'nothing, because the configuration file names a mail transport'
    reader.problem('SMTP_URL', 'a URL (not shown)', wanted)
  }
  const all = [...reader.problems, ...problems]
  if (all.length > 0 || !file) throw new ConfigurationError(all)

  // Last, so that a configuration with problems leaves no trace on the disk.
  const secrets = given.secrets ?? developmentSecret(given.dataDir)
  if (!secrets) {
    const found = 'a value (not shown)'
    throw new ConfigurationError([{ path: `${given.dataDir}/secret`, found, wanted: secretWanted }])
  }
  const mailFrom = given.mailFrom ?? `"${file.name.replaceAll(/["\\]/g, '')}" <${given.mailbox}>`
  const { mailbox: _, ...variables } = given
  return deepFreeze({ ...file, ...variables, secrets, mailFrom })
}

const secretWanted =
  'keys of 32 bytes in base64url, separated by commas; ' +
  `node -p "crypto.randomBytes(32).toString('base64url')" makes one`

function readVariables(reader: Reader, cwd: string) {
  const port = reader.value('PORT', 'a whole number from 0 to 65535', wholeNumber(0, 65535)) ?? 3000
  const issuer =
    reader.value(
      'ISSUER',
      'an https origin such as https://id.example.com, without path or trailing slash; http only on a loopback',
      parseIssuer,
    ) ?? new URL(`http://localhost:${port || 3000}`)
  const development = issuer.protocol === 'http:'

  const secrets = reader.value('MAITRED_SECRET', secretWanted, parseSecrets)
  if (!development && !reader.text('MAITRED_SECRET'))
    reader.problem('MAITRED_SECRET', 'nothing', secretWanted)

  const tls = readTls(reader, cwd)
  if (development && tls) reader.problem('ISSUER', issuer.origin, 'an https origin, because TLS_CERT is set')

  const mongodbUri = reader.value(
    'MONGODB_URI',
    'mongodb://… or mongodb+srv://…',
    urlOf('mongodb', 'mongodb+srv'),
  )
  const workers = reader.value('WORKERS', 'a whole number from 1 to 256', wholeNumber(1, 256)) ?? 1
  if (workers > 1 && !mongodbUri) {
    reader.problem(
      'WORKERS',
      `${workers}`,
      '1, or MONGODB_URI as well: one process alone owns the embedded store',
    )
  }

  return {
    issuer: issuer.origin,
    development,
    port,
    host:
      reader.value('HOST', 'a host name or an address', (text) => (/[\s/]/.test(text) ? undefined : text)) ??
      '127.0.0.1',
    mongodbUri,
    dataDir: resolve(cwd, reader.text('DATA_DIR') ?? 'data'),
    smtpUrl: reader.value('SMTP_URL', 'smtp://… or smtps://…', urlOf('smtp', 'smtps')),
    mailFrom: reader.value('MAIL_FROM', 'an address such as Maitred <no-reply@example.com>', parseMailbox),
    mailbox: `no-reply@${isLoopback(issuer) || isIP(issuer.hostname) ? 'localhost' : issuer.hostname}`,
    secrets,
    redisUrl: reader.value('REDIS_URL', 'redis://… or rediss://…', urlOf('redis', 'rediss')),
    tls,
    trustedProxies:
      reader.value('TRUSTED_PROXIES', 'CIDRs such as 10.0.0.0/8, separated by commas', parseNetworks) ?? [],
    workers,
  }
}

/** The named file; without a name the default one, which only a development machine may lack. */
async function readFile(reader: Reader, cwd: string, development: boolean) {
  const named = reader.text('CONFIG')
  const path = resolve(cwd, named ?? DEFAULT_FILE)
  if (!named && development && !existsSync(path)) return parseFile({})
  const { value, problem } = await importFile(path)
  return problem ? { file: undefined, problems: [problem] } : parseFile(value)
}

/** Plain objects and lists are frozen; what else a configuration names, plug-ins above all, keeps its own nature. */
function deepFreeze<T>(value: T): T {
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value ?? 0) === Object.prototype
  if (isPlain && !Object.values(value as object).some((member) => typeof member === 'function')) {
    for (const item of Object.values(value as object)) deepFreeze(item)
    Object.freeze(value)
  }
  return value
}
