/** Which broker an address means. Its client is loaded only then. */
import type { Log } from '../log.ts'
import type { Queue, Retries } from './queue.ts'

export interface BrokerOptions {
  log: Log
  now: () => Date
  retries?: Retries
  /** What its queues or topics are called. Default `bella-napoli.tasks`. */
  name?: string
}

/** @throws TypeError for an address of another kind; its words are not repeated, because a password may be in it */
export async function openBroker(url: string, o: BrokerOptions): Promise<Queue> {
  const protocol = URL.parse(url)?.protocol
  switch (protocol) {
    case 'amqp:':
    case 'amqps:':
      return (await import('./rabbitmq-queue.ts')).openRabbitmqQueue(url, o)
    case 'kafka:':
      return (await import('./kafka-queue.ts')).openKafkaQueue(url, o)
    default:
      throw new TypeError(`There is no queue for addresses that begin with ${protocol ?? 'that'}`)
  }
}
