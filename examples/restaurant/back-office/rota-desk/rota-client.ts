/**
 * Asks the kitchen rota. The rota is not ours: it may be slow, gone, or wrong, and nothing of that may become ours.
 * Every try has a time limit; after many failures the rota is left alone for a while (a circuit breaker), so that it
 * can recover and nobody waits for it in vain; what it answers is checked.
 */
import CircuitBreaker from 'opossum'
import type { Log } from '../log.ts'
import { createMachineToken } from './machine-token.ts'
import { type RotaAnswer, type RotaQuestion, readAnswer } from './rota-answer.ts'
import { type RotaTrouble, RotaUnavailable } from './rota-unavailable.ts'

const ROTA_API = 'https://rota.bella-napoli.example'
const MAX_BYTES = 1_000_000
/** Answers that another try may change: our token has ended early, or a gateway lost the rota for a moment. */
const PASSING = new Set([401, 502, 503, 504])

export interface RotaClientOptions {
  /** Where the rota listens, without a path. */
  url: string
  issuer: string
  clientId: string
  clientSecret: string
  log: Log
  now: () => Date
  fetch?: typeof globalThis.fetch
  /** For one try. Default 4 s. */
  timeoutMs?: number
  /** How long the rota is left alone. Default 10 s. */
  restMs?: number
}

export interface RotaClient {
  /**
   * @param requestId goes to the rota and into the log, so that both sides can be read together
   * @throws RotaUnavailable
   */
  schedule(question: RotaQuestion, o: { requestId: string }): Promise<RotaAnswer>
  close(): void
}

export function createRotaClient(o: RotaClientOptions): RotaClient {
  const { log, fetch = globalThis.fetch, timeoutMs = 4_000, restMs = 10_000 } = o
  const token = createMachineToken({ ...o, scope: 'rota.schedule', resource: ROTA_API })
  const retryAfter = Math.ceil(restMs / 1_000)
  const fail = (
    trouble: RotaTrouble,
    reason: string,
    more: { cause?: unknown; mayPassAtOnce?: boolean } = {},
  ) => new RotaUnavailable(trouble, reason, { retryAfter, ...more })

  async function ask(question: RotaQuestion, requestId: string): Promise<RotaAnswer> {
    const accessToken = await token.get().catch((cause: unknown) => {
      throw fail('no-token', 'no token could be had', { cause })
    })
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const answer = await fetch(`${o.url}/schedule`, {
        method: 'POST',
        redirect: 'error',
        headers: {
          Authorization: `Bearer ${accessToken}`,
          'Content-Type': 'application/json',
          'X-Request-Id': requestId,
        },
        body: JSON.stringify(question),
        signal,
      })
      const text = await textOf(answer)
      const { status } = answer
      if (status === 401) token.forget(accessToken)
      if (status !== 200)
        throw fail(troubleOf(status), `it answered ${status}`, { mayPassAtOnce: PASSING.has(status) })
      const read = text === undefined ? { fault: 'it is too long' } : readAnswer(question, text)
      if ('fault' in read) throw fail('wrong', read.fault)
      return read
    } catch (error) {
      if (error instanceof RotaUnavailable) throw error
      if (signal.aborted) throw fail('slow', `it did not answer within ${timeoutMs} ms`)
      throw fail('unreachable', 'the connection failed', { cause: error, mayPassAtOnce: true })
    }
  }

  const breaker = new CircuitBreaker(ask, {
    // The request itself is cut off, which a breaker that only stops waiting would not do.
    timeout: false,
    errorThresholdPercentage: 50,
    volumeThreshold: 4,
    rollingCountTimeout: 30_000,
    resetTimeout: restMs,
    /** Others go on while so many wait for a slow rota. */
    capacity: 20,
    errorFilter: (error: unknown) => error instanceof RotaUnavailable && error.trouble === 'refused',
  })
  breaker.on('open', () => log.warn({ restMs }, 'the rota fails too often and is left alone'))
  breaker.on('close', () => log.info({}, 'the rota answers again'))

  async function once(question: RotaQuestion, requestId: string, attempt: number): Promise<RotaAnswer> {
    const began = performance.now()
    try {
      return await breaker.fire(question, requestId)
    } catch (error) {
      const trouble =
        error instanceof RotaUnavailable
          ? error
          : fail('resting', breaker.opened ? 'it is left alone' : 'too many wait')
      const ms = Math.round(performance.now() - began)
      const { reason, cause } = trouble
      log.warn(
        { requestId, attempt, ms, trouble: trouble.trouble, reason, ...causeOf(cause) },
        'the rota gave no answer',
      )
      throw trouble
    }
  }

  return {
    async schedule(question, { requestId }) {
      try {
        return await once(question, requestId, 1)
      } catch (error) {
        // Asking again is safe, because the rota keeps nothing; and it is quick, because nothing was waited for.
        if (!(error instanceof RotaUnavailable && error.mayPassAtOnce)) throw error
        return await once(question, requestId, 2)
      }
    },
    close: () => breaker.shutdown(),
  }
}

/** 401 and 403 are between the two programs; for the other refusals the question is the cause, and stays it. */
function troubleOf(status: number): RotaTrouble {
  if (status >= 500) return 'failing'
  if (status === 401 || status === 403) return 'no-token'
  return status >= 400 ? 'refused' : 'wrong'
}

/** The whole body, or `undefined` when it is longer than any answer. */
async function textOf(answer: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.length
    if (size > MAX_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Names and codes only: what libraries put into their errors besides is not ours to log. */
function causeOf(error: unknown): { cause?: string } {
  if (!(error instanceof Error)) return {}
  const { code = error.name } = error as { code?: string }
  return { cause: causeOf(error.cause).cause ?? code }
}
