import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { getPriority } from 'node:os'
import { expect } from 'chai'
import { freePort } from '../support/app.ts'
import { engines, type Place } from '../support/engines.ts'
import {
  listening,
  type ServerProcess,
  serveMaitred,
  spawnMaitred,
  spawnScript,
} from '../support/server-process.ts'
import { until } from '../support/until.ts'

describe('maitred serve', function () {
  this.timeout(60_000)

  for (const engine of engines()) {
    describe(`on ${engine.name}`, () => {
      let place: Place
      let env: Record<string, string>
      let servers: ServerProcess[]

      beforeEach(async () => {
        place = await engine.place()
        env = { ...place.env, PORT: String(await freePort()) }
        servers = []
      })
      afterEach(async () => {
        for (const server of servers) await server.stop()
        await place.remove()
      })

      async function serve(more: Record<string, string> = {}): Promise<ServerProcess> {
        const server = await serveMaitred({ ...env, ...more })
        servers.push(server)
        return server
      }
      const status = async (path: string) => (await fetch(`http://localhost:${env.PORT}${path}`)).status

      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        it(`answers until ${signal}, then ends with 0 and a log that machines can read`, async () => {
          const server = await serve()
          expect(await status('/.well-known/openid-configuration')).to.equal(200)
          expect(await status('/readyz')).to.equal(200)
          server.child.kill(signal)
          expect(await server.ended()).to.equal(0)
          expect(server.err()).to.equal('')
          const lines = server.out().trim().split('\n')
          const messages = lines.map((line) => JSON.parse(line).msg)
          expect(messages).to.include.members(['listening', 'draining', 'stopped'])
        })
      }

      it('lets password hashes give way to the event loop', async function () {
        if (process.platform !== 'linux') this.skip()
        const [started] = (await serve()).logged('listening')
        const tasks = `/proc/${started?.process}/task`
        const threads = await Promise.all(
          (await readdir(tasks)).map(async (id) => readFile(`${tasks}/${id}/stat`, 'utf8')),
        )
        // proc(5): the name stands in parentheses; 16 fields behind it comes the priority.
        const named = threads.map((stat) => /\((.*)\) (.*)$/s.exec(stat)?.slice(1) ?? [])
        const priorities = (name: RegExp) =>
          named.filter(([is = '']) => name.test(is)).map(([, fields = '']) => Number(fields.split(' ')[16]))
        expect(new Set(priorities(/^libuv-worker/))).to.deep.equal(new Set([10]))
        expect(priorities(/^(?:MainThread|node)$/)).to.deep.equal([getPriority()])
      })

      it('drains when the signal goes to npm', async () => {
        const server = spawnScript('serve', env)
        servers.push(server)
        await listening(server)
        const [pid] = server.logged('listening').map(({ process }) => process as number)
        server.child.kill('SIGTERM')
        expect(await server.ended()).to.equal(0)
        expect(server.logged('stopped')).to.have.length(1)
        expect(() => process.kill(pid ?? 0, 0)).to.throw('ESRCH')
      })

      it('says who has the port when another has it', async () => {
        const other = createServer().listen(Number(env.PORT), '127.0.0.1')
        await once(other, 'listening')
        try {
          const server = spawnMaitred(['serve'], env)
          expect(await server.ended()).to.equal(1)
          expect(server.err()).to.equal(
            `127.0.0.1:${env.PORT} is in use by another program. Stop that one, or choose another PORT.\n`,
          )
        } finally {
          other.close()
        }
      })

      if (engine.name === 'mongodb') {
        it('shares the port among WORKERS, replaces one that dies, and ends them all', async () => {
          const server = await serve({ WORKERS: '2' })
          const pids = () => new Set(server.logged('listening').map(({ process }) => process as number))
          await until(() => expect(pids().size).to.equal(2))
          process.kill([...pids()][0] ?? 0, 'SIGKILL')
          await until(() => expect(pids().size).to.equal(3), 20_000)
          expect(await status('/readyz')).to.equal(200)
          server.child.kill('SIGTERM')
          expect(await server.ended()).to.equal(0)
          for (const pid of pids()) expect(() => process.kill(pid, 0)).to.throw('ESRCH')
        })

        it('ends with one sentence when the store does not answer', async () => {
          const port = await freePort()
          const server = spawnMaitred(['serve'], {
            ...env,
            MONGODB_URI: `mongodb://127.0.0.1:${port}/x?replicaSet=rs0`,
          })
          expect(await server.ended()).to.equal(1)
          expect(server.err()).to.match(/^The store does not answer: .*\n$/)
        })
      }
    })
  }
})
