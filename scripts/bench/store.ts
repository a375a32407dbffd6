/**
 * What the verbs of the store cost: CPU of this process and operations per second, with so many callers at
 * once as a busy server has. `node scripts/bench/store.ts [callers]`; MONGODB_URI chooses the other engine.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { z } from 'zod'
import { defineCollection, openStore } from '../../src/storage/storage.ts'

const callers = Number(process.argv[2] ?? 64)

const tokens = defineCollection({
  name: 'tokens',
  schema: z.object({
    _id: z.string(),
    kind: z.string(),
    grant: z.string(),
    person: z.string(),
    client: z.string(),
    used: z.date().optional(),
    count: z.number(),
    payload: z.unknown(),
    expires: z.date(),
  }),
  index: [['grant'], ['person']],
  expires: 'expires',
})
const notes = defineCollection({
  name: 'notes',
  schema: z.object({ _id: z.string(), text: z.string() }),
  watched: true,
})

const folder = await mkdtemp(join(tmpdir(), 'maitred-bench-'))
const store = await openStore({
  collections: [tokens, notes],
  now: () => new Date(),
  dataDir: folder,
  mongodbUri: process.env.MONGODB_URI,
})
const all = store.collection(tokens)
const expires = new Date(Date.now() + 3_600_000)
const token = (index: number) => ({
  _id: `token-${index}`,
  kind: 'RefreshToken',
  grant: `grant-${index % 1_000}`,
  person: `person-${index % 500}`,
  client: 'restaurant',
  count: 0,
  payload: {
    scope: 'openid profile email',
    nonce: 'x'.repeat(40),
    claims: { id_token: { acr: null } },
    n: index,
  },
  expires,
})

async function measure(what: string, count: number, run: (index: number) => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const [cpu, begin] = [process.cpuUsage(), performance.now()]
  let next = 0
  const caller = async () => {
    for (let index = next++; index < count; index = next++) await run(index)
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const spent = process.cpuUsage(cpu)
  const seconds = (performance.now() - begin) / 1_000
  delay.disable()
  const perOperation = ((spent.user + spent.system) / count).toFixed(1)
  const figures = [
    `${perOperation} µs CPU`,
    `${Math.round(count / seconds)}/s`,
    `loop p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, max ${(delay.max / 1e6).toFixed(1)} ms`,
  ]
  console.log(`${what.padEnd(24)} ${figures.map((figure) => figure.padStart(14)).join('  ')}`)
}

console.log(`${store.engine}, ${callers} callers`)
try {
  for (const round of ['first', 'second']) {
    const base = round === 'first' ? 0 : 100_000
    console.log(`${round} round`)
    await measure('insert', 20_000, (index) => all.insert(token(base + index)))
    await measure('get', 50_000, (index) => all.get(`token-${base + (index % 20_000)}`))
    await measure('get of nothing', 50_000, (index) => all.get(`nothing-${index}`))
    await measure('find by index', 5_000, (index) =>
      all.find({ grant: `grant-${index % 1_000}` }, { limit: 5 }),
    )
    await measure('update', 20_000, (index) =>
      all.update({ _id: `token-${base + index}`, count: 0 }, { $inc: { count: 1 }, $set: { used: expires } }),
    )
    await measure('put', 20_000, (index) => all.put({ ...token(base + index), count: 2 }))
    await measure('batch of 3', 10_000, (index) =>
      store.batch([
        { in: tokens, update: { _id: `token-${base + index}` }, change: { $inc: { count: 1 } } },
        { in: tokens, insert: token(base + 50_000 + index) },
        { in: tokens, take: { _id: `token-${base + 10_000 + index}` } },
      ]),
    )
    await measure('put of a watched one', 10_000, (index) =>
      store.collection(notes).put({ _id: `note-${index}`, text: 'x' }),
    )
    await measure('take', 10_000, (index) => all.take({ _id: `token-${base + index}` }))
  }
} finally {
  await store.close()
  await rm(folder, { recursive: true, force: true })
}
