/**
 * What one writes first for MongoDB, after the library's own example: a collection per model, a call of the
 * driver per method, every write acknowledged by a majority's journals.
 */
import mongoose from 'mongoose'
import type { Adapter, AdapterConstructor, AdapterPayload } from 'oidc-provider'

const GRANTABLE = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken', 'DeviceCode'])

interface Row {
  _id: string
  payload: AdapterPayload
  expiresAt?: Date
}

export interface PlainStore {
  adapter: AdapterConstructor
  putPerson(id: string): Promise<void>
  findPerson(id: string): Promise<boolean>
  close(): Promise<void>
}

export async function openPlainStore(uri: string): Promise<PlainStore> {
  const client = new mongoose.mongo.MongoClient(uri, {
    writeConcern: { w: 'majority', journal: true },
    minPoolSize: 2,
    maxPoolSize: 50,
  })
  await client.connect()
  const db = client.db()
  const people = db.collection<{ _id: string }>('people')

  class PlainAdapter implements Adapter {
    readonly #rows: mongoose.mongo.Collection<Row>
    constructor(name: string) {
      this.#rows = db.collection<Row>(name)
    }
    async upsert(_id: string, payload: AdapterPayload, ttl?: number) {
      const expiresAt = ttl ? { expiresAt: new Date(Date.now() + ttl * 1000) } : {}
      await this.#rows.updateOne({ _id }, { $set: { payload, ...expiresAt } }, { upsert: true })
    }
    find = async (_id: string) => (await this.#rows.findOne({ _id }))?.payload
    findByUserCode = async (code: string) => (await this.#rows.findOne({ 'payload.userCode': code }))?.payload
    findByUid = async (uid: string) => (await this.#rows.findOne({ 'payload.uid': uid }))?.payload
    async consume(_id: string) {
      const consumed = Math.floor(Date.now() / 1000)
      await this.#rows.findOneAndUpdate({ _id }, { $set: { 'payload.consumed': consumed } })
    }
    async destroy(_id: string) {
      await this.#rows.deleteOne({ _id })
    }
    async revokeByGrantId(grantId: string) {
      await this.#rows.deleteMany({ 'payload.grantId': grantId })
    }
    static async prepare() {
      for (const name of GRANTABLE) await db.collection(name).createIndex({ 'payload.grantId': 1 })
      for (const name of ['Session', 'Interaction'])
        await db.collection(name).createIndex({ 'payload.uid': 1 })
      for (const name of [...GRANTABLE, 'Session', 'Interaction', 'Grant'])
        await db.collection(name).createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
    }
  }
  await PlainAdapter.prepare()

  return {
    adapter: PlainAdapter,
    async putPerson(_id) {
      await people.updateOne({ _id }, { $set: { email: _id } }, { upsert: true })
    },
    findPerson: async (_id) => (await people.findOne({ _id })) !== null,
    close: () => client.close(),
  }
}
