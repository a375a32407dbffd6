/** A mongod for one server alone: what another's writes cost it would count as this one's. */
import mongoose from 'mongoose'
import { startMongod } from '../../test/support/mongod.ts'
import type { Database } from './measure.ts'

const COUNTED = new Set([
  'find',
  'insert',
  'update',
  'delete',
  'findAndModify',
  'aggregate',
  'count',
  'distinct',
  'commitTransaction',
  'abortTransaction',
])

export interface OwnDatabase extends Database {
  uri: string
  stop(): Promise<void>
}

export async function startDatabase(): Promise<OwnDatabase> {
  const mongod = await startMongod()
  const uri = mongod.freshUri()
  const client = new mongoose.mongo.MongoClient(uri, { maxPoolSize: 1 })
  const admin = client.db('admin')
  const status = () => admin.command({ serverStatus: 1, repl: 0, locks: 0, wiredTiger: 0 })
  const { pid } = await status()
  return {
    uri,
    pid: Number(pid),
    async calls() {
      const { metrics } = await status()
      const commands = Object.entries<{ total?: number }>(metrics.commands)
      const counted = commands.filter(([name]) => COUNTED.has(name))
      return counted.reduce((sum, [, { total }]) => sum + Number(total ?? 0), 0)
    },
    async stop() {
      await client.close()
      await mongod.stop()
    },
  }
}
