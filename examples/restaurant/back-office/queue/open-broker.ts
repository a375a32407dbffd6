/** Which broker an address means. */
import type { Log } from '../route.ts'
import type { Queue, Retries } from './queue.ts'

export interface BrokerOptions {
  log: Log
  now: () => Date
  retries?: Retries
  /** What its queues or topics are called. Default `bella-napoli.tasks`. */
  name?: string
}

/** @throws TypeError for an address of another kind; its words are not repeated, because a password may be in it */
export function openBroker(url: string, _o: BrokerOptions): Queue {
  throw new TypeError(`There is no queue for ${URL.parse(url)?.protocol ?? 'this address'}`)
}
