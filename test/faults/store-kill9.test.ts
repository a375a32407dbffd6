import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { contractCollections, passes, signals, things } from '../contracts/store-collections.ts'
import { engines, type Place } from '../support/engines.ts'

const rounds = 8

describe('F04 the embedded store after kill -9', () => {
  for (const engine of engines().filter(({ name }) => name === 'sqlite')) {
    let place: Place

    before(async () => {
      place = await engine.place()
    })
    after(() => place.remove())

    /** Lets a process write under load, kills it after so many acknowledged writes, and returns its lines. */
    async function writeUntilKilled(round: number, lines: number): Promise<string[]> {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'store-kill9-writer.ts'), `${round}`],
        {
          env: { ...process.env, ...place.env },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      const told: string[] = []
      createInterface({ input: child.stdout }).on('line', (line) => {
        told.push(line)
        if (told.length === lines) child.kill('SIGKILL')
      })
      const [code, signal] = await once(child, 'close')
      expect([code, signal]).to.deep.equal([null, 'SIGKILL'])
      return told
    }

    it('holds every write that was acknowledged, and no half of a batch, killed again and again', async () => {
      const kept = new Set<string>()
      const paired = new Set<string>()
      const counts = new Map<string, number>()
      for (let round = 1; round <= rounds; round += 1) {
        for (const line of await writeUntilKilled(round, 200 + round * 311)) {
          const [what, ...rest] = line.split(' ')
          if (what === 'kept') kept.add(rest.join(' '))
          if (what === 'pair') paired.add(rest.join(' '))
          if (what === 'count') counts.set(`count ${rest[0]}`, Number(rest[1]))
        }

        const store = await engine.open({ collections: contractCollections }, place)
        const [one, other] = [store.collection(things), store.collection(passes)]
        for (const id of kept) {
          const [single, pair] = [await one.get(id), await one.get(`pair ${id}`)]
          // A batch that takes the single one and leaves the pair may have come through unheard.
          expect(
            [single, pair].filter((document) => document !== undefined),
            id,
          ).to.have.length(1)
          if (paired.has(id)) expect(pair, id).to.not.equal(undefined)
          expect((await other.get(`pair ${id}`)) === undefined, id).to.equal(pair === undefined)
        }
        for (const [id, n] of counts) {
          const stored = await store.collection(signals).get(id)
          expect(stored?.n, id).to.be.at.least(n)
          expect(stored?.n, id).to.be.at.most(n + 1)
          counts.set(id, Number(stored?.n))
        }
        await store.close()
      }
      expect(kept.size).to.be.at.least(rounds * 100)

      const db = new DatabaseSync(join(place.dataDir, 'maitred.db'))
      expect(db.prepare('PRAGMA integrity_check').all()).to.deep.equal([{ integrity_check: 'ok' }])
      db.close()
    })
  }
})
