/** Tells a user agent as a person would. */
import { createRequire } from 'node:module'
import { LRUCache } from 'lru-cache'
import type { UAParser } from 'ua-parser-js'

// Parsing takes some 100 µs and people come back with the same browser.
const known = new LRUCache<string, string>({ max: 500 })
const require = createRequire(import.meta.url)
let parser: typeof UAParser | undefined

/** "Chrome on Windows"; what is not known is left out, so that it may be empty. */
export function describeDevice(userAgent: string): string {
  const before = known.get(userAgent)
  if (before !== undefined) return before
  parser ??= (require('ua-parser-js') as { UAParser: typeof UAParser }).UAParser
  const { browser, os } = new parser(userAgent).getResult()
  const device = [browser.name, os.name].filter((name) => name !== undefined).join(' on ')
  known.set(userAgent, device)
  return device
}
