import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { expect } from 'chai'
import { freePort } from '../support/app.ts'
import { type Engine, engines } from '../support/engines.ts'
import { spawnMaitred } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

/** The provider's, and those of its apps after it. */
async function freePorts(): Promise<number[]> {
  for (;;) {
    const first = await freePort()
    const ports = [0, 1, 2, 3, 4, 5].map((n) => first + n)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports
  }
}

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
    it(`is ready to be clicked through on ${engine.name}, the second time as well, and ends with 0`, async () => {
      const place = await engine.place()
      const [port = 0, ...apps] = await freePorts()
      const [front, kitchen, office, , planner] = apps
      const env = { ...place.env, PORT: String(port) }
      try {
        for (const time of ['first', 'second']) {
          const demo = spawnMaitred(['demo'], env)
          try {
            await until(() => expect(demo.out() + demo.err(), time).to.include('Ctrl+C ends it all.'), 30_000)
            expect(demo.out()).to.match(/carla@bella-napoli\.example +seven lemons and a bicycle +waiter/)
            expect(demo.out()).to.match(/second factor KVKF CRCP/)
            const anew = place.mongodbUri ? 'An empty database' : `rm -r ${place.dataDir}`
            expect(demo.out()).to.include(`who changes theirs keeps the new ones. ${anew} begins anew.`)
            expect(demo.out()).to.include(`npm run demo:board -- http://localhost:${port}\n`)
            for (const app of [front, kitchen, office, planner]) {
              expect(demo.out()).to.include(`  http://localhost:${app} `)
              const page = await fetch(`http://localhost:${app}/`, { redirect: 'manual' })
              // It has nothing for strangers: they sign in first.
              if (app === office) expect(page.headers.get('location')).to.match(/^\/sign-in/)
              else expect(await page.text()).to.match(/Bella Napoli|Table Planner/)
            }
            const door = await fetch(`http://localhost:${port}/`, { redirect: 'manual' })
            expect([door.status, door.headers.get('location')]).to.deep.equal([303, '/account'])
            const browser = createVisitor(`http://localhost:${port}`)
            const { leaves } = await createVisitor(`http://localhost:${planner}`).get('/sign-in')
            const signIn = {
              identifier: 'bruno@bella-napoli.example',
              password: 'copper kettle by the window',
            }
            const asked = await browser.submit(await browser.get(String(leaves)), signIn)
            if (time === 'first') expect(textOf(asked.html)).to.include('Table Planner')
            const back = asked.leaves ?? (await browser.submit(asked, {}, 'consent')).leaves
            expect(back).to.match(new RegExp(`^http://localhost:${planner}/callback\\?code=`))
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

  it('says which port another has, before it makes anything, and takes others with another PORT', async () => {
    const place = await (engines()[0] as Engine).place()
    const [port = 0, , , , rota] = await freePorts()
    const server = createServer().listen(rota, '127.0.0.1')
    await once(server, 'listening')
    try {
      const demo = spawnMaitred(['demo'], { ...place.env, PORT: String(port) })
      expect(await demo.ended()).to.equal(1)
      expect(demo.err()).to.equal(
        `127.0.0.1:${rota} is in use by another program. Stop that one, or choose another PORT.\n`,
      )
      expect(await readdir(place.dataDir)).to.deep.equal(['secret'])
      const last = spawnMaitred(['demo'], { ...place.env, PORT: '65533' })
      expect(await last.ended()).to.equal(2)
      expect(last.err()).to.match(/^PORT 65533 leaves no room/)
    } finally {
      server.close()
      await place.remove()
    }
  })
})
