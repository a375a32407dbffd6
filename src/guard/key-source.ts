/**
 * The issuer's public keys, from the issuer alone: what a token says of keys but for `kid` is not looked at.
 * Fetched once for all who wait, again when they are old or a token names another, and never more often than
 * `refetchSeconds`; while the issuer does not answer, the keys that are known go on serving.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
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

/** The answer throws a Refusal `temporarily_unavailable` when only keys that cannot be fetched now could tell. */
export function createKeySource(options: KeySourceOptions): JWTVerifyGetKey {
  const { now, refetchSeconds, maxAge } = options
  let find: ReturnType<typeof createLocalJWKSet> | undefined
  let fetchedAt = Number.NEGATIVE_INFINITY
  let triedAt = Number.NEGATIVE_INFINITY
  let failure: unknown
  let pending: Promise<void> | undefined

  const secondsSince = (time: number): number => (now().getTime() - time) / 1_000

  /** Resolves when the attempt is over, however it ended; starts none before its time. */
  async function refetch(): Promise<void> {
    if (!pending && secondsSince(triedAt) < refetchSeconds) return
    pending ??= attempt().finally(() => {
      pending = undefined
    })
    await pending
  }

  async function attempt(): Promise<void> {
    triedAt = now().getTime()
    try {
      find = createLocalJWKSet(await fetchKeys(options))
      fetchedAt = triedAt
      failure = undefined
    } catch (error) {
      failure = error
    }
  }

  function unavailable(): Refusal {
    return new Refusal('temporarily_unavailable', 'The keys of the issuer cannot be had', { cause: failure })
  }

  return async (header, token) => {
    if (secondsSince(fetchedAt) >= maxAge) {
      const refetched = refetch()
      // Where the last attempt failed, nobody waits for the next one.
      if (!find || failure === undefined) await refetched
    }
    if (!find) throw unavailable()
    try {
      return await find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await refetch()
      if (failure !== undefined) throw unavailable()
      return find(header, token)
    }
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
