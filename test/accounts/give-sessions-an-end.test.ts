import { expect } from 'chai'
import { type SessionDocument, sessionCollection } from '../../src/accounts/accounts.ts'
import { createMigrations } from '../../src/app/migrations.ts'
import { defineCollection } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

const DAY = 86_400_000
const used = new Date('2026-01-01T00:00:00Z')
const now = () => new Date('2026-01-01T01:00:00Z')
const end = new Date(used.getTime() + 7 * DAY)
const later = new Date(end.getTime() + DAY)

/** The collection as it was before. */
const before = defineCollection<SessionDocument>({
  name: 'sessions',
  schema: sessionCollection.schema,
  unique: [['key']],
  index: [['person']],
  expires: 'expires',
})

const sessionOf = (_id: string, person?: string): SessionDocument => ({
  _id,
  key: `key-${_id}`,
  ...(person && { person }),
  protocol: {},
  grants: {},
  device: '',
  ip: '',
  startedAt: used,
  lastUsedAt: used,
  expires: end,
})

for (const engine of engines()) {
  describe(`SB-4 sessions of an earlier version get an end (${engine.name})`, () => {
    for (const [title, sessionIdle, ends] of [
      ['their absolute one', undefined, end],
      ['the one of the idle limit', 7_200, new Date(used.getTime() + 7_200_000)],
    ] as const) {
      it(`${title}, however often and from wherever it is run`, async () => {
        const place = await engine.place()
        try {
          const old = await engine.open({ collections: [before], now }, place)
          const sessions = Array.from({ length: 450 }, (_, n) => sessionOf(`s${n}`, 'ada'))
          for (const one of [...sessions, sessionOf('visitor')]) await old.collection(before).insert(one)
          await old.close()

          const migrations = createMigrations({ sessionIdle } as never)
          const store = await engine.open({ collections: [sessionCollection], migrations, now }, place)
          const all = await store.collection(sessionCollection).find({ person: 'ada' })
          expect(all).to.have.length(450)
          for (const one of all) expect(one).to.deep.include({ ends, expires: later })
          expect(await store.collection(sessionCollection).get('visitor')).to.deep.equal(sessionOf('visitor'))
          await Promise.all(migrations.map(({ run }) => run(store)))
          expect(await store.collection(sessionCollection).get('s7')).to.deep.include({
            ends,
            expires: later,
          })
          await store.close()
        } finally {
          await place.remove()
        }
      })
    }
  })
}
