import { performance } from 'node:perf_hooks'
import { expect } from 'chai'
import * as client from 'openid-client'
import { engines } from '../support/engines.ts'
import { beginSignIn, PASSWORD, relyingParty } from '../support/restaurant.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { createVisitor } from '../support/visitor.ts'
import { type AppPlace, fromElsewhere, openAppPlace } from './app-place.ts'
import { share } from './share.ts'

for (const engine of engines()) {
  describe(`F02 the whole program, told to stop under load (${engine.name})`, function () {
    this.timeout(180_000)
    let place: AppPlace
    let server: ServerProcess

    before(async () => {
      place = await openAppPlace(engine)
    })
    afterEach(() => server?.stop())
    after(() => place?.remove())

    const ways: [what: string, env: Record<string, string>][] = [['one process', {}]]
    if (engine.name === 'mongodb') ways.push(['two workers that share the port', { WORKERS: '2' }])
    for (const [what, env] of ways) {
      it(`cuts no accepted request and ends with 0 within ten seconds: ${what}`, async () => {
        server = (await place.serve(env)).server
        const workers = Number(env.WORKERS ?? 1)
        await until(() => expect(server.logged('listening')).to.have.length(workers), 30_000)
        const [kitchen, robot] = await Promise.all([
          relyingParty({ url: place.url } as never, 'kitchen', place.cast.secret),
          relyingParty({ url: place.url } as never, 'robot', place.cast.machineSecret),
        ])
        const visitor = createVisitor(place.url, fromElsewhere())
        const page = await visitor.get((await beginSignIn(kitchen)).url.href)
        await visitor.submit(page, { identifier: 'ada@example.com', password: PASSWORD }, 'sign-in')

        // A balancer sends requests until readiness is red, and expects an answer to each.
        let [ready, stopping, answered] = [true, false, 0]
        const load = async (work: () => Promise<unknown>): Promise<void> => {
          while (ready) {
            try {
              await work()
            } catch (error) {
              // Nobody has accepted what was refused; everything else was cut.
              if (!stopping || !isRefused(error)) throw error
              return
            }
            answered += 1
          }
        }
        const signInOnce = async (): Promise<void> => {
          const someone = createVisitor(place.url, fromElsewhere())
          const first = await someone.get((await beginSignIn(kitchen)).url.href)
          if (!ready) return
          const fields = { identifier: 'ada@example.com', password: PASSWORD }
          const done = await someone.submit(first, fields, 'sign-in')
          expect([200, 303]).to.include(done.status)
        }
        const all = Promise.all([
          load(() => client.clientCredentialsGrant(robot)),
          load(() => client.clientCredentialsGrant(robot)),
          load(async () => {
            const seen = await visitor.get((await beginSignIn(kitchen)).url.href)
            expect(seen.leaves).to.include('code=')
          }),
          load(signInOnce),
          load(async () => expect((await fetch(`${place.url}/jwks`)).status).to.equal(200)),
        ])
        await Promise.race([all, until(() => expect(answered).to.be.above(60), 60_000)])

        const began = performance.now()
        stopping = true
        server.child.kill('SIGTERM')
        const red = until(async () => {
          // Each worker answers for itself: one that is red is one to leave alone.
          expect((await fetch(`${place.url}/readyz`, { headers: { connection: 'close' } })).status).to.equal(
            503,
          )
          ready = false
        }, 20_000)
        await Promise.all([all, red])
        expect(await server.ended()).to.equal(0)
        expect(performance.now() - began).to.be.below(10_000 * share())
        expect(server.err()).to.equal('')
        expect(server.logged('stopped')).to.have.length(workers)
        expect(server.logged('requests were still open after 25 seconds')).to.deep.equal([])
      })
    }
  })
}

function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' || isRefused(error.cause)
}
