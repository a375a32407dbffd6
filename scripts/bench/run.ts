/**
 * `npm run bench -- [scenario …] [--kinds bare,plain,sqlite,mongodb,hashless,hashing] [--rounds 5] [--count 1000]
 * [--callers 32] [--profile]`: what operations cost Maitred on both engines, beside the bare library, a plain MongoDB adapter
 * and the limit. Rounds of all go by turns, so that a busy machine disturbs them alike; figures are medians.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findMongod } from '../../test/support/mongod.ts'
import { type OwnDatabase, startDatabase } from './database.ts'
import { type Limits, measureLimits } from './limits.ts'
import { type Crew, createCrew, type Figures, median } from './measure.ts'
import { heading, row, verdictLine } from './report.ts'
import { type Scenario, type ScenarioName, scenarios } from './scenarios.ts'
import { type Kind, type Subject, startSubject } from './subject.ts'
import { judge } from './targets.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kinds: { type: 'string', default: 'bare,plain,sqlite,mongodb,hashless,hashing' },
    rounds: { type: 'string', default: '5' },
    count: { type: 'string', default: '1000' },
    callers: { type: 'string', default: '32' },
    profile: { type: 'boolean', default: false },
  },
})
const [rounds, count, callers] = [options.rounds, options.count, options.callers].map(Number) as [
  number,
  number,
  number,
]
const forSignIns: readonly Kind[] = ['hashless', 'hashing']
const names = (positionals.length > 0 ? positionals : Object.keys(scenarios)) as ScenarioName[]
const kinds = (options.kinds.split(',') as Kind[])
  .filter((kind) => findMongod() !== undefined || !onMongodb(kind))
  .filter((kind) => names.includes('sign-in') || !forSignIns.includes(kind))

const folder = await mkdtemp(join(tmpdir(), 'maitred-bench-'))
const subjects: { subject: Subject; database: OwnDatabase | undefined }[] = []
try {
  for (const kind of kinds) {
    const database = onMongodb(kind) ? await startDatabase() : undefined
    const env = { DATA_DIR: join(folder, kind), ...(database && { MONGODB_URI: database.uri }) }
    subjects.push({ subject: await startSubject(kind, env), database })
  }
  console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}`)
  console.log(`${callers} callers, ${rounds} rounds; CPU in ms per operation = seconds per 1,000; medians\n`)
  console.log(heading)
  let missed = 0
  for (const name of names) missed += await measureScenario(name, scenarios[name])
  console.log(missed === 0 ? '\nEvery target was reached.' : `\n${missed} targets were missed.`)
} finally {
  for (const { subject, database } of subjects) {
    await subject.stop()
    await database?.stop()
  }
  await rm(folder, { recursive: true, force: true })
}

function onMongodb(kind: Kind): boolean {
  return kind === 'plain' || kind === 'mongodb' || kind === 'hashless'
}

/** @returns how many of its targets were missed */
async function measureScenario(name: ScenarioName, scenario: Scenario): Promise<number> {
  const size = Math.ceil(count * scenario.share)
  const crews: { subject: Subject; crew: Crew; figures: Figures[] }[] = []
  for (const { subject, database } of subjects.filter(
    ({ subject }) => name === 'sign-in' || !forSignIns.includes(subject.kind),
  ))
    crews.push({ subject, crew: await createCrew(subject, scenario, callers, database), figures: [] })
  // As much of each: what has run seldom is not compiled yet.
  for (const { crew } of crews) await crew.run(count * 2)
  const limits: Limits[] = []
  for (let round = 0; round < rounds; round += 1) {
    limits.push(await measureLimits(count))
    // Whoever comes first finds another machine than whoever comes last.
    const order = crews.map((_, index) => crews[(index + round) % crews.length] as (typeof crews)[number])
    for (const { subject, crew, figures } of order) {
      if (options.profile && round === 0) await subject.ask('profile')
      figures.push(await crew.run(size))
      if (options.profile && round === 0) console.log(await subject.ask('profiled'))
    }
  }
  for (const { crew } of crews) crew.close()

  for (const { subject, figures } of crews) console.log(row(scenario.title, subject.kind, middle(figures)))
  const limit = (what: keyof Limits) => median(limits.map((one) => one[what] / 1_000)).toFixed(3)
  console.log(
    `  alone: a signature ${limit('sign')}, a verification ${limit('verify')}, a hash ${limit('hash')} (${limit('hashes')} where all cores hash)`,
  )
  const paired = limits.map((one, round) => ({
    limits: one,
    costs: Object.fromEntries(
      crews.map(({ subject, figures: { [round]: figure } }) => [
        subject.kind,
        (figure?.server ?? Number.NaN) + (figure?.database ?? Number.NaN),
      ]),
    ),
  }))
  const verdicts = judge(name, paired, median)
  for (const verdict of verdicts) console.log(verdictLine(verdict))
  console.log('')
  return verdicts.filter(({ ratio, most }) => ratio > most).length
}

function middle(figures: readonly Figures[]): Figures {
  const of = (name: keyof Figures) => median(figures.map((figure) => figure[name] ?? Number.NaN))
  const [server, database, perSecond] = [of('server'), of('database'), of('perSecond')]
  const calls = figures[0]?.calls === undefined ? undefined : of('calls')
  return { server, database, perSecond, p50: of('p50'), p99: of('p99'), calls }
}
