/** Everything that lies at rest, as the engine holds it: what a thief of the database reads. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RunningApp } from '../support/app.ts'

/** Per collection, each document as JSON by its id. */
export type Dump = Map<string, Map<string, string>>

export async function dump({ config }: Pick<RunningApp, 'config'>): Promise<Dump> {
  return config.mongodbUri ? dumpMongodb(config.mongodbUri) : dumpSqlite(join(config.dataDir, 'maitred.db'))
}

/** How many documents came, went or changed, per collection. */
export function workBetween(before: Dump, after: Dump): Record<string, number> {
  const work: Record<string, number> = {}
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(name) ?? new Map(), after.get(name) ?? new Map()]
    const ids = [...new Set([...old.keys(), ...now.keys()])]
    // What was promised before is worked on by itself.
    const changed = ids.filter((id) => (name === 'outbox' ? !old.has(id) : old.get(id) !== now.get(id)))
    if (changed.length > 0) work[name] = changed.length
  }
  return work
}

function dumpSqlite(file: string): Dump {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    const names = tables.map(({ name }) => String(name)).filter((name) => !/^(_|sqlite_)/.test(name))
    return new Map(
      names.map((name) => {
        const rows = db.prepare(`SELECT * FROM "${name}"`).all()
        return [name, new Map(rows.map((row, at) => [String(row._id ?? at), JSON.stringify(row)]))]
      }),
    )
  } finally {
    db.close()
  }
}

async function dumpMongodb(uri: string): Promise<Dump> {
  const { default: mongoose } = await import('mongoose')
  const client = new mongoose.mongo.MongoClient(uri)
  try {
    const found: Dump = new Map()
    for (const { name } of await client.db().listCollections().toArray()) {
      const rows = await client.db().collection(name).find().toArray()
      found.set(name, new Map(rows.map((row) => [String(row._id), JSON.stringify(row)])))
    }
    return found
  } finally {
    await client.close()
  }
}
