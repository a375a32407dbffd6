/** A second instance that has not heard yet: what one process may give out in the half second before it does. */
import { mock } from 'node:test'
import mongoose from 'mongoose'
import type { RunningApp } from '../support/app.ts'
import { openTwin } from './house.ts'

export interface DeafTwin {
  url: string
  stopHearing(): void
  hear(): void
  stop(): Promise<void>
}

/** An instance on the same store that can be kept from hearing what others change. */
export async function openDeafTwin(house: RunningApp, o: { now?: () => Date } = {}): Promise<DeafTwin> {
  const isEmbedded = house.store.engine === 'sqlite'
  const { prototype } = mongoose.mongo.Db
  const { command } = prototype
  let heard = Promise.withResolvers<void>()
  heard.resolve()
  // The embedded store looks at intervals; MongoDB is asked for what comes next.
  if (isEmbedded) mock.timers.enable({ apis: ['setInterval'] })
  prototype.command = async function ask(asked, ...rest) {
    const answer = await command.call(this, asked, ...rest)
    if (asked.collection === '$cmd.aggregate') await heard.promise
    return answer
  }
  const twin = await openTwin(house, o)
  return {
    url: twin.url,
    stopHearing() {
      heard = Promise.withResolvers()
    },
    hear() {
      heard.resolve()
      if (isEmbedded) mock.timers.tick(200)
    },
    async stop() {
      heard.resolve()
      prototype.command = command
      await twin.stop()
      mock.timers.reset()
    },
  }
}
