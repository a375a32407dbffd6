import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect } from 'chai'
import { freePort } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { spawnMaitred } from '../support/server-process.ts'
import { until } from '../support/until.ts'

/** The apps of the demo have ports of their own, because people are told to click on them. */
const ports = [3001, 3002, 3003]
/** It has nothing for strangers: they sign in first. */
const OFFICE = 3003

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

describe('maitred demo', function () {
  this.timeout(60_000)

  for (const engine of engines()) {
    it(`is ready to be clicked through on ${engine.name}, the second time as well, and ends with 0`, async function () {
      const taken = !(await Promise.all(ports.map(isFree))).every(Boolean)
      // Somebody's own demo, perhaps; in CI there is none, and nothing is left out.
      if (taken && process.env.CI === 'true') throw new Error(`Something listens on one of ${ports}`)
      if (taken) this.skip()
      const place = await engine.place()
      const env = { ...place.env, PORT: String(await freePort()) }
      try {
        for (const time of ['first', 'second']) {
          const demo = spawnMaitred(['demo'], env)
          try {
            await until(() => expect(demo.out() + demo.err(), time).to.include('Ctrl+C ends it all.'), 30_000)
            expect(demo.out()).to.match(/carla@bella-napoli\.example +seven lemons and a bicycle +waiter/)
            expect(demo.out()).to.match(/second factor KVKF CRCP/)
            for (const port of ports) {
              const page = await fetch(`http://localhost:${port}/`, { redirect: 'manual' })
              if (port === OFFICE) expect(page.headers.get('location')).to.match(/^\/sign-in/)
              else expect(await page.text()).to.include('Bella Napoli')
            }
          } finally {
            demo.child.kill('SIGINT')
          }
          expect(await demo.ended(), demo.err()).to.equal(0)
        }
      } finally {
        await place.remove()
      }
    })
  }
})
