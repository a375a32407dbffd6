/** Waits for what happens elsewhere: tries again until the condition no longer throws. */
import { setTimeout } from 'node:timers/promises'

/** @throws what the condition threw last, after `timeoutMs` (default 5,000) */
export async function until<T>(condition: () => T | Promise<T>, timeoutMs = 5_000): Promise<T> {
  const end = performance.now() + timeoutMs
  for (;;) {
    try {
      return await condition()
    } catch (error) {
      if (performance.now() >= end) throw error
    }
    await setTimeout(10)
  }
}
