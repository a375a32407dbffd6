/** Lets callers do their work and says what it cost the server and its database. */
import { type Caller, createCaller } from './caller.ts'
import type { Scenario } from './scenarios.ts'
import { cpuOf, type Subject } from './subject.ts'

export interface Figures {
  /** CPU milliseconds for each operation, which is CPU seconds for 1,000. */
  server: number
  database: number
  perSecond: number
  /** Milliseconds, as the callers saw it. */
  p50: number
  p99: number
  /** Calls to the database for each operation, where it counts them. */
  calls: number | undefined
}

export interface Database {
  pid: number
  /** Commands that it was given until now, without those of connections and of monitoring. */
  calls(): Promise<number>
}

export interface Crew {
  run(count: number): Promise<Figures>
  close(): void
}

/** Callers that are signed in and ready, each with a connection of his own. */
export async function createCrew(
  subject: Subject,
  scenario: Scenario,
  callers: number,
  database: Database | undefined,
): Promise<Crew> {
  const crew: Caller[] = []
  const acts: (() => Promise<void>)[] = []
  // One after the other: a rush of sign-ins is refused, as it should be.
  for (let n = 0; n < Math.min(callers, scenario.callers ?? callers); n += 1) {
    const caller = createCaller(subject)
    crew.push(caller)
    acts.push(await scenario.prepare(caller, subject))
  }

  async function run(count: number): Promise<Figures> {
    let left = count
    const waits: number[] = []
    const [cpu, databaseCpu, calls] = await readings(subject, database)
    const begun = performance.now()
    await Promise.all(
      acts.map(async (act) => {
        while (left > 0) {
          left -= 1
          const asked = performance.now()
          await act()
          waits.push(performance.now() - asked)
        }
      }),
    )
    const seconds = (performance.now() - begun) / 1_000
    const [cpuAfter, databaseCpuAfter, callsAfter] = await readings(subject, database)
    waits.sort((a, b) => a - b)
    const at = (share: number) => waits[Math.floor((waits.length - 1) * share)] ?? 0
    return {
      server: (cpuAfter - cpu) / 1_000 / count,
      database: (databaseCpuAfter - databaseCpu) / 1_000 / count,
      perSecond: count / seconds,
      p50: at(0.5),
      p99: at(0.99),
      calls: database && (callsAfter - calls) / count,
    }
  }

  return {
    run,
    close() {
      for (const caller of crew) caller.close()
    },
  }
}

async function readings(subject: Subject, database: Database | undefined): Promise<[number, number, number]> {
  const calls = database ? await database.calls() : 0
  return [await subject.ask('cpu'), database ? cpuOf(database.pid) : 0, calls]
}

/** The middle one, which a busy machine disturbs least. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
