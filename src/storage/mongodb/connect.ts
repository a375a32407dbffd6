/** Connects to a replica set and refuses what is none, with the command that mends it. */
import mongoose, { type Connection, type mongo } from 'mongoose'
import { StoreUnavailableError } from '../errors.ts'
import { TIMEOUT_MS } from './calls.ts'

/** What a write waits for; commands by name have to say it themselves. */
export const durable = { w: 'majority', j: true, wtimeout: TIMEOUT_MS } as const

/** How our connections are known on the server. */
export const APP_NAME = 'maitred'

const settings: mongo.MongoClientOptions = {
  appName: APP_NAME,
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: TIMEOUT_MS },
  // From the primary, so that everybody reads what was written; from a majority only, a duplicate key could
  // be refused and the document that holds it not be found for a moment.
  readPreference: 'primary',
  readConcernLevel: 'local',
  retryWrites: true,
  retryReads: true,
  serverSelectionTimeoutMS: TIMEOUT_MS,
  waitQueueTimeoutMS: TIMEOUT_MS,
  // A server that hangs is noticed after both, and the connections that wait for it are ended then.
  heartbeatFrequencyMS: 2_000,
  connectTimeoutMS: 2_000,
  minPoolSize: 2,
  maxPoolSize: 50,
  // Our documents are small: what compression saves is less than what it costs.
  compressors: ['none'],
  ignoreUndefined: true,
}

/** @throws Error when the server is no replica set. @throws StoreUnavailableError when none answers. */
export async function connect(uri: string): Promise<Connection> {
  const client = new mongoose.mongo.MongoClient(uri, settings)
  let initiated = true
  const standalone = new Promise<never>((_, reject) => {
    client.on('serverHeartbeatSucceeded', ({ reply }) => {
      initiated = reply.isreplicaset !== true
      // `isdbgrid`: a router of a sharded cluster, which is made of replica sets.
      if (initiated && reply.setName === undefined && reply.msg !== 'isdbgrid') reject(new Error(STANDALONE))
    })
  })
  try {
    await Promise.race([standalone, client.connect()])
    if (!initiated) throw new Error(UNINITIATED)
  } catch (error) {
    await client.close()
    if (!initiated) throw new Error(UNINITIATED, { cause: error })
    throw error instanceof mongoose.mongo.MongoError ? new StoreUnavailableError(error) : error
  }
  client.removeAllListeners('serverHeartbeatSucceeded')
  return mongoose.createConnection().setClient(client)
}

const STANDALONE =
  'MONGODB_URI leads to a standalone server; Maitred needs a replica set (one node will do). ' +
  'Start it with `mongod --replSet rs0`, then run `rs.initiate()` once in mongosh.'

const UNINITIATED =
  'MONGODB_URI leads to a member of a replica set that was never initiated. ' +
  'Run `rs.initiate()` once in mongosh.'
