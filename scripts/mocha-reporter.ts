/**
 * Mocha's own report, and two things more: the totals as one JSON line in the file that `TEST_RESULTS`
 * names (that is how `.ci/run` sums several runs), and an end to a run that something keeps open.
 */
import { appendFileSync } from 'node:fs'
import Mocha from 'mocha'

/** How long open handles may close by themselves before the run is called leaking. */
const GRACE_MS = 10_000

export default class MochaReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options)
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {}
      const file = process.env.TEST_RESULTS
      if (file) appendFileSync(file, `${JSON.stringify({ passed: passes, failed: failures, pending })}\n`)
      // Unreferenced: it fires only when something else keeps the process alive.
      setTimeout(() => reportLeak(), GRACE_MS).unref()
    })
  }
}

function reportLeak(): never {
  const open = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout')
  console.error(`The tests are over, but something keeps the process open: ${open.join(', ') || 'a timer'}.`)
  // Mocha sets the code from its failures when the process exits; this listener comes after.
  process.once('exit', () => {
    process.exitCode = 1
  })
  process.exit()
}
