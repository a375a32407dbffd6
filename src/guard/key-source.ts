/**
 * The issuer's public keys, from the issuer alone: what a token says of keys but for `kid` is not looked at.
 * Fetched once for all who wait, again when they are old or a token names another, and never more often than
 * `refetchSeconds`; while the issuer does not answer, the keys that are known go on serving.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTHeaderParameters } from 'jose'
import { Refusal } from './refusal.ts'

export interface KeySourceOptions {
  issuer: string
  /** Default: what the issuer's discovery document says. */
  jwksUri: string | undefined
  fetch: typeof fetch
  now: () => Date
  /** Seconds after which keys are fetched anew. */
  maxAge: number
  /** Seconds between two fetches, at least. */
  refetchSeconds: number
}

const TIMEOUT_MS = 2_500
const MOST_CHARACTERS = 262_144

/**
 * The key that the header of a token names, `at` the time of the request.
 * @throws Refusal `temporarily_unavailable` when only keys that cannot be fetched now could tell; jose's own errors
 */
export type KeySource = (header: JWTHeaderParameters, at: Date) => CryptoKey | Promise<CryptoKey>

export function createKeySource(options: KeySourceOptions): KeySource {
  const { now, refetchSeconds, maxAge } = options
  let keySet: KeySet | undefined
  let fetchedAt = Number.NEGATIVE_INFINITY
  let triedAt = Number.NEGATIVE_INFINITY
  let failure: unknown
  let pending: Promise<void> | undefined

  const isOld = (at: Date): boolean => at.getTime() - fetchedAt >= maxAge * 1_000

  /** Resolves when the attempt is over, however it ended; starts none before its time. */
  async function refetch(): Promise<void> {
    if (!pending && now().getTime() - triedAt < refetchSeconds * 1_000) return
    pending ??= attempt().finally(() => {
      pending = undefined
    })
    await pending
  }

  async function attempt(): Promise<void> {
    triedAt = now().getTime()
    try {
      keySet = keySetOf(await fetchKeys(options))
      fetchedAt = triedAt
      failure = undefined
    } catch (error) {
      failure = error
    }
  }

  function unavailable(): Refusal {
    return new Refusal('temporarily_unavailable', 'The keys of the issuer cannot be had', { cause: failure })
  }

  async function search(header: JWTHeaderParameters, at: Date): Promise<CryptoKey> {
    if (isOld(at)) {
      const refetched = refetch()
      // Where the last attempt failed, nobody waits for the next one.
      if (!keySet || failure === undefined) await refetched
    }
    if (!keySet) throw unavailable()
    try {
      return await keySet.find(header)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await refetch()
      if (failure !== undefined) throw unavailable()
      return keySet.find(header)
    }
  }

  return (header, at) => (isOld(at) ? undefined : keySet?.found(header)) ?? search(header, at)
}

interface KeySet {
  find(header: JWTHeaderParameters): Promise<CryptoKey>
  /** The key when it was found before: without a search, and without waiting. */
  found(header: JWTHeaderParameters): CryptoKey | undefined
}

function keySetOf(jwks: JSONWebKeySet): KeySet {
  const find = createLocalJWKSet(jwks)
  const found = new Map<string | undefined, { alg: string; key: CryptoKey }>()
  return {
    async find(header) {
      const key = await find(header)
      found.set(header.kid, { alg: header.alg, key })
      return key
    },
    found({ alg, kid }) {
      const known = found.get(kid)
      return known?.alg === alg ? known.key : undefined
    },
  }
}

async function fetchKeys(options: KeySourceOptions): Promise<JSONWebKeySet> {
  const { issuer } = options
  const uri = options.jwksUri ?? (await discover())
  return (await fetchJson(uri)) as unknown as JSONWebKeySet

  async function discover(): Promise<string> {
    const document = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
    // OpenID Connect Discovery 1.0 §4.3.
    if (document.issuer !== issuer) throw new Error(`${issuer} says of itself that it is ${document.issuer}`)
    const { jwks_uri: found } = document
    if (typeof found !== 'string') throw new Error(`${issuer} names no jwks_uri`)
    if (new URL(found).protocol !== new URL(issuer).protocol) throw new Error(`${found} is not https`)
    return found
  }

  async function fetchJson(url: string): Promise<Record<string, unknown>> {
    // `error` is not known to every runtime; a redirect is not followed and is no 200.
    const response = await options.fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`)
    if (text.length > MOST_CHARACTERS) throw new Error(`${url} answered too much`)
    return JSON.parse(text)
  }
}
