import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { API } from '../support/restaurant.ts'
import { type House, openHouse } from './house.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('./edge-runtime.ts', import.meta.url))

describe('RF-5 the guard in a runtime that is not Node', () => {
  let house: House

  before(async () => {
    house = await openHouse()
  })
  after(() => house?.app.stop())

  it('needs nothing but what the web has: fetch, WebCrypto and timers', async () => {
    const { access } = await house.tokens()
    const stale = await house.sign({ exp: Math.floor(Date.now() / 1_000) - 60 })
    const { stdout } = await run(process.execPath, [
      ...['--experimental-vm-modules', '--no-warnings', program],
      ...[house.app.url, API, access, access, stale, `${access}x`],
    ])
    const id = house.cast.person.id
    expect(stdout.trim().split(/\s*\n/)).to.deep.equal(['401', `200 ${id}`, `200 ${id}`, '401', '401'])
  })
})
