/**
 * Runs the numbered migrations of the data, forward only, on either engine. Processes that start at once
 * take turns by a lease in the store; a migration whose process died runs again, so each must be safe to
 * run twice.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { StoreUnavailableError } from './errors.ts'
import type { CollectionSpec, Migration, Store } from './storage.ts'

const schema = z.object({
  _id: z.string(),
  title: z.string().optional(),
  at: z.date().optional(),
  holder: z.string().optional(),
  until: z.date().optional(),
})

type Mark = z.infer<typeof schema>

/** One document for each migration that has run, `_id` its number, and the lease. */
export const migrationMarks: CollectionSpec<Mark> = { name: 'migrations', schema }

const leaseMs = 30_000
const pauseMs = 50

/**
 * @throws TypeError when the numbers are not 1, 2, 3 …
 * @throws Error when a migration fails (its cause), or the data has been changed by one that is not known here.
 */
export async function migrate(
  store: Store,
  migrations: readonly Migration[],
  now: () => Date,
  holder: string = randomUUID(),
): Promise<void> {
  migrations.forEach((migration, index) => {
    if (migration.id !== index + 1)
      throw new TypeError(
        `Migration "${migration.title}" should have the number ${index + 1}, not ${migration.id}`,
      )
  })
  if ((await pending(store, migrations)).length === 0) return
  await takeLease(store, now, holder)
  try {
    for (const migration of await pending(store, migrations)) await run(store, migration, now, holder)
  } finally {
    // A lease that could not be given back runs out; what went wrong before matters more.
    await store
      .collection(migrationMarks)
      .take({ _id: 'lease', holder })
      .catch(() => undefined)
  }
}

async function pending(store: Store, migrations: readonly Migration[]): Promise<Migration[]> {
  const done = new Set((await store.collection(migrationMarks).find({})).map((mark) => mark._id))
  done.delete('lease')
  const known = new Set(migrations.map((migration) => String(migration.id)))
  for (const id of done)
    if (!known.has(id))
      throw new Error(
        `The data was changed by migration ${id}, which this version does not know: run a newer version`,
      )
  return migrations.filter((migration) => !done.has(String(migration.id)))
}

async function run(store: Store, migration: Migration, now: () => Date, holder: string): Promise<void> {
  const marks = store.collection(migrationMarks)
  const until = () => new Date(now().getTime() + leaseMs)
  const renewal = setInterval(() => {
    // A renewal that fails is told by the guard below.
    marks.update({ _id: 'lease', holder }, { $set: { until: until() } }).catch(() => undefined)
  }, leaseMs / 3)
  try {
    await migration.run(store)
    const mark: Mark = { _id: String(migration.id), title: migration.title, at: now() }
    await store.batch([
      { in: migrationMarks, update: { _id: 'lease', holder }, change: { $set: { until: until() } } },
      { in: migrationMarks, put: mark },
    ])
  } catch (cause) {
    throw new Error(`Migration ${migration.id} failed: ${migration.title}`, { cause })
  } finally {
    clearInterval(renewal)
  }
}

/** Waits for its turn, at most twice as long as the lease of a process that died. */
async function takeLease(store: Store, now: () => Date, holder: string): Promise<void> {
  const marks = store.collection(migrationMarks)
  for (let waited = 0; waited < 2 * leaseMs; waited += pauseMs) {
    const until = new Date(now().getTime() + leaseMs)
    const taken = await marks.update(
      { _id: 'lease', until: { $lte: now() } },
      { $set: { holder, until } },
      { insert: { _id: 'lease', holder, until } },
    )
    if (taken) return
    await wait(pauseMs)
  }
  throw new StoreUnavailableError(new Error('Another process has been migrating the data for too long'))
}
