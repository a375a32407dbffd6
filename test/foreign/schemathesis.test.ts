/**
 * schemathesis asks the running API whatever its own OpenAPI description allows, and what it forbids: always the same,
 * and so much of it as CI has time for. To be asked more, or something else:
 *
 *     SCHEMATHESIS_EXAMPLES=100 SCHEMATHESIS_SEED=2 npx mocha test/foreign/schemathesis.test.ts
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { decodeJwt } from 'jose'
import {
  type Booking,
  bookings,
  type Customer,
  customers,
  type Transaction,
  transactions,
} from '../../examples/restaurant/back-office/documents.ts'
import { searchTerms } from '../../examples/restaurant/back-office/search-terms.ts'
import { summaryWrites } from '../../examples/restaurant/back-office/summaries.ts'
import { openRotas, type RotasHouse } from '../restaurant/rotas-house.ts'
import type { BackOfficeHouse, PersonName } from '../support/back-office.ts'
import { engines } from '../support/engines.ts'
import { schemathesis, withoutTool } from './foreign-tools.ts'

const { SCHEMATHESIS_EXAMPLES = '10', SCHEMATHESIS_SEED = '1' } = process.env
const config = resolve(import.meta.dirname, 'schemathesis/schemathesis.toml')
const program = schemathesis.find() ?? ''
const left = withoutTool(schemathesis)
/** For one person; it takes less than a minute with the usual number of examples. */
const PATIENCE_MS = 300_000

describe(`RF-6 SB-2 the API keeps to its own description${left ? ` (left out: ${left})` : ''}`, function () {
  this.timeout(PATIENCE_MS + 30_000)
  let house: RotasHouse
  let folder: string
  const faults: object[] = []

  before(async function () {
    if (left) return this.skip()
    const [engine] = engines()
    if (!engine) throw new Error('no engine')
    folder = await mkdtemp(join(tmpdir(), 'schemathesis-'))
    const log = { info: () => {}, warn: () => {}, error: (o: object) => faults.push(o) }
    house = await openRotas(engine, { log })
    await house.plan(3)
    await seed(house)
  })
  after(async () => {
    await house?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  it('to the owner', async () => {
    await ask('ada')
    expect(faults).to.deep.equal([])
  })

  it('to a guest', async () => {
    await ask('dario', '--include-path-regex', '^/(me|restaurants|bookings)')
    expect(faults).to.deep.equal([])
  })

  /** @throws when it found something, with all that it says of it */
  async function ask(who: PersonName, ...more: string[]): Promise<void> {
    const place = `${house.backOffice.url}/api/openapi.json`
    const sizes = ['-n', SCHEMATHESIS_EXAMPLES, '--seed', SCHEMATHESIS_SEED, '--generation-database', 'none']
    const patience = ['--request-timeout', '30']
    const child = spawn(
      program,
      [
        ...['--config-file', config, '--no-color', 'run', place, '--continue-on-failure'],
        ...sizes,
        ...patience,
        ...more,
      ],
      {
        cwd: folder,
        timeout: PATIENCE_MS,
        // By the environment: a command line can be read by everybody on the machine.
        env: { ...process.env, PYTHONHASHSEED: '0', RESTAURANT_TOKEN: await house.token(who) },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const said: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    const code = await new Promise((done) => child.once('close', done))
    if (code !== 0) throw new Error(Buffer.concat(said).toString())
  }
})

/** A guest who signs in, their table and its bill, so that there is something behind the ids that `schemathesis/schemathesis.toml` names. */
async function seed({ store, token }: BackOfficeHouse): Promise<void> {
  const { sub = '' } = decodeJwt(await token('dario'))
  const at = new Date('2026-05-01T18:00:00Z')
  const kept = { restaurant: 'napoli', createdAt: at, updatedAt: at, version: 1 }
  const name = { firstName: 'Dario', lastName: 'Greco' }
  const guest: Customer = { _id: 'guest-1', sub, ...name, search: searchTerms(name), ...kept }
  const lines = [{ product: 'pizza', name: 'Pizza', quantity: 2, amount: 850 }]
  const money = { lines, currency: 'EUR', total: 1700 }
  const when = { at, day: '2026-05-01' }
  const named = { customer: 'guest-1', staff: 'staff-ada', booking: 'table-1' }
  const bill: Transaction = { _id: 'bill-1', ...named, ...money, ...when, ...kept }
  const state = { status: 'billed', transaction: 'bill-1' } as const
  const table: Booking = {
    _id: 'table-1',
    customer: 'guest-1',
    sub,
    name: 'Dario',
    at,
    guests: 2,
    ...state,
    ...kept,
  }
  await store.batch([
    { in: customers, insert: guest },
    { in: bookings, insert: table },
    { in: transactions, insert: bill },
    ...summaryWrites(undefined, bill),
  ])
}
