/**
 * The line to RabbitMQ: it comes back by itself after every break, says what our queues are, and takes a message as
 * sent only when the broker has confirmed it. What the messages mean is not its business.
 */
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import type { Log } from '../log.ts'

export interface Line {
  /** Runs now, when there is a connection, and after each new one. Returns how to end that. */
  eachTime(open: (model: ChannelModel) => Promise<void>): () => void
  /** Resolves when the broker keeps the message. @throws when that is not known */
  publish(queue: string, content: Buffer, headers: Record<string, string | number>): Promise<void>
  /** A channel for a moment; what it took and did not acknowledge is back in its queue afterwards. */
  borrow<T>(use: (channel: Channel) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const PATIENCE_MS = 10_000
const HEARTBEAT_SECONDS = 10

export function openLine(url: string, o: { declare: (channel: Channel) => Promise<void>; log: Log }): Line {
  const openers = new Set<(model: ChannelModel) => Promise<void>>()
  const returned = new Set<string>()
  let live: { model: ChannelModel; publisher: ConfirmChannel } | undefined
  let number = 0

  async function setUp(model: ChannelModel): Promise<void> {
    // Every error is followed by a close, which is what counts.
    model.on('error', () => {})
    const publisher = await model.createConfirmChannel()
    publisher.on('error', () => {})
    publisher.on('return', ({ properties }) => returned.add(String(properties.correlationId)))
    await o.declare(publisher)
    for (const open of openers) await open(model)
    model.once('close', () => {
      if (live?.model === model) live = undefined
    })
    live = { model, publisher }
    o.log.info({}, 'connected to RabbitMQ')
  }

  const connecting = connect(withHeartbeat(url), {
    timeout: PATIENCE_MS,
    noDelay: true,
    recovery: { initialDelay: 200, maxDelay: 5_000, waitForConnect: false, setup: setUp },
  }).then((connection) => {
    // Only names and codes: an address may have a password in it.
    const told = (error: Error & { code?: string | number }) => ({ cause: error.code ?? error.name })
    connection.on('disconnect', (error) => o.log.warn(told(error), 'RabbitMQ is gone'))
    connection.on('connect-failed', (error) => o.log.warn(told(error), 'RabbitMQ does not answer'))
    connection.on('blocked', () => o.log.warn({}, 'RabbitMQ takes no messages at the moment'))
    connection.on('error', () => {})
    return connection
  })

  function connected() {
    if (!live) throw new Error('There is no connection to RabbitMQ')
    return live
  }

  return {
    eachTime(open) {
      openers.add(open)
      // Should it fail, the connection is gone too, and the next one begins anew.
      if (live) open(live.model).catch((error: unknown) => o.log.warn({ err: error }, 'a channel broke'))
      return () => void openers.delete(open)
    },

    publish(queue, content, headers) {
      const { publisher } = connected()
      number += 1
      const correlationId = String(number)
      const options = {
        persistent: true,
        mandatory: true,
        contentType: 'application/json',
        correlationId,
        headers,
      }
      return new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error('RabbitMQ has not confirmed in time')),
          PATIENCE_MS,
        ).unref()
        publisher.sendToQueue(queue, content, options, (error) => {
          clearTimeout(late)
          // What no queue wanted comes back first, and is confirmed nevertheless.
          if (returned.delete(correlationId)) reject(new Error('RabbitMQ has no such queue'))
          else if (error) reject(new Error('RabbitMQ did not take it', { cause: error }))
          else resolve()
        })
      })
    },

    async borrow(use) {
      const channel = await connected().model.createChannel()
      channel.on('error', () => {})
      try {
        return await use(channel)
      } finally {
        await channel.close().catch(() => {
          // Closed with its connection: the broker has taken everything back already.
        })
      }
    },

    async close() {
      live = undefined
      await (await connecting).close()
    },
  }
}

/** A broker that vanished without a word is noticed within twice that. */
function withHeartbeat(url: string): string {
  const address = new URL(url)
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS))
  return address.href
}
