import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import mongoose from 'mongoose'
import { sessionCollection } from '../../src/accounts/accounts.ts'
import { tokenCollection } from '../../src/oidc/token-document.ts'
import { readMatch } from '../../src/storage/match.ts'
import { createShape } from '../../src/storage/shape.ts'
import { createKeys, keyColumn } from '../../src/storage/sqlite/keys.ts'
import { where } from '../../src/storage/sqlite/where.ts'
import type { AnyCollectionSpec, Match } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

const at = new Date('2026-01-01T00:00:00Z')
const served: [what: string, spec: AnyCollectionSpec, match: Match, index: string, sort?: string][] = [
  ['sessions whose time is over', sessionCollection, { ends: { $lte: at } }, 'ends', 'ends'],
  ['what an application was given', tokenCollection, { application: 'x' }, 'application'],
  ['what one got for a person', tokenCollection, { person: 'x', application: 'y' }, 'person, application'],
  ['what ends with a session', tokenCollection, { session: 'x', offline: false }, 'session'],
]

for (const engine of engines()) {
  describe(`DC-3 nothing is looked for in all documents (${engine.name})`, () => {
    for (const [what, spec, match, index, sort] of served) {
      it(what, async () => {
        const place = await engine.place()
        const store = await engine.open({ collections: [spec] }, place)
        try {
          const plan = place.mongodbUri
            ? await mongodbPlan(place.mongodbUri, spec, match, sort)
            : sqlitePlan(place.dataDir, spec, match, sort)
          expect(plan).to.contain(
            place.mongodbUri ? `index_${index.replace(', ', '_')}__id` : `${spec.name} index ${index} `,
          )
          expect(plan).to.not.match(/SORT|TEMP B-TREE|SCAN/)
        } finally {
          await store.close()
          await place.remove()
        }
      })
    }
  })
}

async function mongodbPlan(uri: string, { name }: AnyCollectionSpec, match: Match, sort?: string) {
  const client = await new mongoose.mongo.MongoClient(uri).connect()
  try {
    const found = client.db().collection(name).find(match)
    const plan = await (sort ? found.sort({ [sort]: 1, _id: 1 }) : found).explain('queryPlanner')
    return JSON.stringify(plan.queryPlanner.winningPlan).replaceAll('IXSCAN', 'INDEX')
  } finally {
    await client.close()
  }
}

function sqlitePlan(dataDir: string, spec: AnyCollectionSpec, match: Match, sort?: string): string {
  const shape = createShape(spec)
  const { text, values } = where(readMatch(shape, match), createKeys(spec, shape))
  const order = sort ? ` ORDER BY "${keyColumn(sort)}", _id` : ''
  const db = new DatabaseSync(`${dataDir}/maitred.db`, { readOnly: true })
  try {
    const sql = `EXPLAIN QUERY PLAN SELECT doc FROM ${spec.name} WHERE ${text} AND ifnull(expires, 9e18) > 1${order}`
    return JSON.stringify(db.prepare(sql).all(...values))
  } finally {
    db.close()
  }
}
