/** Guessing a device's user code is slowed (RFC 8628 §5.1): attempts count per address before the look-up. */
import type { Limits } from '../http/http.ts'
import { protocolContext } from './request.ts'
import { type Slowing, slowDown } from './slow-down.ts'

const guesses: Slowing = {
  name: 'user-code',
  max: 30,
  windowSeconds: 900,
  description: 'too many user codes were tried',
}

/** Counts one look-up for the address of the running request. @throws what the library answers 429 with */
export function limitUserCodes(limits: Limits): () => Promise<void> {
  return async () => {
    const ctx = protocolContext()
    if (ctx) await slowDown(ctx, limits, guesses)
  }
}
