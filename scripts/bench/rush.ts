/**
 * `node scripts/bench/rush.ts [sign-ins at once] [rounds]`: how long the event loop is held up while so many
 * people sign in with a password at the same time, on both engines.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findMongod } from '../../test/support/mongod.ts'
import { createCaller } from './caller.ts'
import { startDatabase } from './database.ts'
import { median } from './measure.ts'
import { signIn } from './sign-in.ts'
import { type Subject, startSubject } from './subject.ts'

const [atOnce, rounds] = [Number(process.argv[2] ?? 64), Number(process.argv[3] ?? 5)]
const folder = await mkdtemp(join(tmpdir(), 'maitred-rush-'))
try {
  await rushAt('sqlite', { DATA_DIR: join(folder, 'sqlite') })
  if (findMongod()) {
    const database = await startDatabase()
    await rushAt('mongodb', { DATA_DIR: join(folder, 'mongodb'), MONGODB_URI: database.uri })
    await database.stop()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function rushAt(kind: 'sqlite' | 'mongodb', env: Record<string, string>): Promise<void> {
  const subject = await startSubject(kind, env)
  try {
    for (let warm = 0; warm < 4; warm += 1) await rush(subject, 16)
    const all = []
    for (let round = 0; round < rounds; round += 1) {
      await subject.ask('watch-loop')
      const { refused, seconds } = await rush(subject, atOnce)
      all.push({ ...(await subject.ask('loop')), refused, seconds })
    }
    const p99 = median(all.map((one) => one.p99))
    const max = median(all.map((one) => one.max))
    const refused = all.reduce((sum, one) => sum + one.refused, 0)
    const seconds = median(all.map((one) => one.seconds))
    console.log(
      `${kind}: ${atOnce} sign-ins at once, done in ${seconds.toFixed(2)} s, ${refused} told to come again`,
    )
    console.log(`  event loop p99 ${p99.toFixed(1)} ms, at most 20: ${p99 <= 20 ? 'reached' : 'MISSED'}`)
    console.log(`  event loop max ${max.toFixed(1)} ms, at most 150: ${max <= 150 ? 'reached' : 'MISSED'}`)
  } finally {
    await subject.stop()
  }
}

/** A queue that is too long answers 503; that is not a fault, so it is counted. */
async function rush(subject: Subject, count: number): Promise<{ refused: number; seconds: number }> {
  const callers = Array.from({ length: count }, () => createCaller(subject))
  const begun = performance.now()
  const outcomes = await Promise.allSettled(callers.map((caller) => signIn(caller, subject, 'kitchen')))
  const seconds = (performance.now() - begun) / 1_000
  for (const caller of callers) caller.close()
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected')
  for (const { reason } of failures) if (!String(reason).includes('503')) throw reason
  return { refused: failures.length, seconds }
}
