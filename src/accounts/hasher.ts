/**
 * Password hashes: Argon2id, off the event loop, as many at once as there are cores. Whoever would wait
 * longer than the bound is told to come again, so a rush of sign-ins cannot starve the rest of the server.
 */
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash as argon2Hash, verify as argon2Verify, parseOptions } from '@node-rs/argon2'
import { MaitredError } from '../errors.ts'
import { passwordLimits } from './judge-password.ts'

/** OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 passes, 1 lane. */
const policy = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** Of hashes from elsewhere: one must not take the machine's memory. */
const bounds = { memoryCost: 262_144, timeCost: 32, parallelism: 16 }
const costs = ['memoryCost', 'timeCost', 'parallelism'] as const
const longestBytes = 1_024

export interface Hasher {
  /** A PHC string. @throws MaitredError `invalid_form` above 1,024 bytes, `busy` when the queue is too long */
  hash(password: string): Promise<string>
  /**
   * Whether it is the password of the hash. A hash that is not known, and a password above 1,024 bytes, are no
   * match. @throws MaitredError `busy`
   */
  verify(hash: string, password: string): Promise<boolean>
  /** Whether passwords can be verified against it: of a kind that is known, whole, and not absurdly costly. */
  knows(hash: string): boolean
  /** Whether the hash was made with other parameters than today's. */
  needsRehash(hash: string): boolean
  /** Refuses all that wait and all that comes; running hashes end by themselves. */
  stop(): void
}

interface Verifier {
  knows(hash: string): boolean
  verify(hash: string, password: Buffer): Promise<boolean>
}

/** By the name in the PHC string; hashes from elsewhere get their line here. */
const verifiers: Readonly<Record<string, Verifier>> = {
  argon2id: {
    knows(hash) {
      const found = costOf(hash)
      return found !== undefined && costs.every((cost) => found[cost] <= bounds[cost])
    },
    verify: (hash, password) => argon2Verify(hash, password),
  },
}

/**
 * @param o.concurrency hashes at once; default: the cores
 * @param o.maxWaitMs longest wait for a turn, in milliseconds; default 2,000
 */
export function createHasher(o: { concurrency?: number; maxWaitMs?: number } = {}): Hasher {
  const inTurn = createQueue(o.concurrency ?? availableParallelism(), o.maxWaitMs ?? 2_000)

  return {
    async hash(password) {
      const bytes = bytesOf(password)
      if (!bytes) throw tooLong()
      return inTurn.run(() => argon2Hash(bytes, policy))
    },
    async verify(hash, password) {
      const bytes = bytesOf(password)
      const verifier = verifierOf(hash)
      if (!bytes || !verifier) return false
      return inTurn.run(() => verifier.verify(hash, bytes))
    },
    knows: (hash) => verifierOf(hash) !== undefined,
    needsRehash(hash) {
      const found = costOf(hash)
      return found === undefined || costs.some((cost) => found[cost] !== policy[cost])
    },
    stop: inTurn.stop,
  }
}

/** A hash that no password has and that costs as much to verify as any: the work for people who do not exist. */
export function unknownHash(): string {
  const { memoryCost, timeCost, parallelism } = policy
  const [salt, hash] = [16, 32].map((length) => randomBytes(length).toString('base64').replace(/=+$/, ''))
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${salt}$${hash}`
}

/** One Unicode form at set and at check (NIST SP 800-63B-4, section 3.1.1.2), else exactly as received. */
function bytesOf(password: string): Buffer | undefined {
  if (password.length > longestBytes) return undefined
  const bytes = Buffer.from(password.normalize('NFC'))
  return bytes.length <= longestBytes ? bytes : undefined
}

function verifierOf(hash: string): Verifier | undefined {
  const name = hash.split('$', 2)[1] ?? ''
  const verifier = Object.hasOwn(verifiers, name) ? verifiers[name] : undefined
  return verifier?.knows(hash) ? verifier : undefined
}

/** What an Argon2id hash says it costs; `undefined` when it is none or damaged. */
function costOf(hash: string): typeof policy | undefined {
  if (!hash.startsWith('$argon2id$v=19$')) return undefined
  try {
    return parseOptions(hash)
  } catch {
    return undefined
  }
}

interface Queue {
  run<T>(work: () => Promise<T>): Promise<T>
  stop(): void
}

/** First in, first out; whoever has waited `maxWaitMs` leaves with `busy`. */
function createQueue(concurrency: number, maxWaitMs: number): Queue {
  const waiting = new Set<{ start(): void; refuse(): void }>()
  let running = 0
  let stopped = false

  function turn(): Promise<void> {
    if (stopped) return Promise.reject(busy())
    if (running < concurrency) {
      running++
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const waiter = {
        start: () => leave(resolve),
        refuse: () => leave(() => reject(busy())),
      }
      const patience = setTimeout(waiter.refuse, maxWaitMs)
      const leave = (then: () => void) => {
        clearTimeout(patience)
        waiting.delete(waiter)
        then()
      }
      waiting.add(waiter)
    })
  }

  /** The turn goes over to the next one, so `running` does not change hands. */
  function pass(): void {
    const [next] = waiting
    if (next) next.start()
    else running--
  }

  return {
    async run(work) {
      await turn()
      try {
        return await work()
      } finally {
        pass()
      }
    },
    stop() {
      stopped = true
      for (const waiter of [...waiting]) waiter.refuse()
    },
  }
}

function tooLong(): MaitredError {
  const fields = { password: 'error.password.tooLong' }
  return new MaitredError('invalid_form', { fields, params: { max: passwordLimits(false).max } })
}

function busy(): MaitredError {
  return new MaitredError('busy', { retryAfter: 2 })
}
