/** A process that opens a transaction as the store does, changes one of the `things` in it, and goes no further. */
import { writeSync } from 'node:fs'
import mongoose from 'mongoose'

const client = new mongoose.mongo.MongoClient(process.argv[2] ?? '', { appName: 'maitred' })
const session = client.startSession()
session.startTransaction()
await client
  .db()
  .collection<{ _id: string }>('things')
  .updateOne({ _id: process.argv[3] ?? '' }, { $set: { n: 2 } }, { session })
writeSync(1, 'held\n')
setInterval(() => {}, 1_000)
