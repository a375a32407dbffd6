/** The side of a server under test that answers the benchmark's questions. */
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Answers, Offer, Question } from './subject.ts'

/** Tells the parent that we listen, answers what it asks, and calls `stop` when it goes. */
export function answerParent(offer: Offer, stop: () => Promise<void>): void {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const inspector = new Session()
  let profiles = 0
  const answers: { [Q in Question]: () => Answers[Q] | Promise<Answers[Q]> } = {
    cpu() {
      const { user, system } = process.cpuUsage()
      return user + system
    },
    'watch-loop'() {
      delay.reset()
      return delay.enable() as true
    },
    loop() {
      delay.disable()
      return { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 }
    },
    async profile() {
      inspector.connect()
      await inspector.post('Profiler.enable')
      await inspector.post('Profiler.setSamplingInterval', { interval: 200 })
      await inspector.post('Profiler.start')
      return true as const
    },
    async profiled() {
      const { profile } = await inspector.post('Profiler.stop')
      inspector.disconnect()
      profiles += 1
      const file = join(tmpdir(), `maitred-${process.env.BENCH_KIND}-${process.pid}-${profiles}.cpuprofile`)
      writeFileSync(file, JSON.stringify(profile))
      return file
    },
  }
  process.on('message', async (question: Question) => process.send?.(await answers[question]()))
  process.on('disconnect', () => void stop().then(() => process.exit(0)))
  process.send?.(offer)
}
