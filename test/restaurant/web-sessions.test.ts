import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import Koa from 'koa'
import { createPendingSignIns } from '../../examples/restaurant/web/pending-sign-ins.ts'
import { createSessions, type Session } from '../../examples/restaurant/web/sessions.ts'
import { createVisitor } from '../support/visitor.ts'

const startedAs = (state: string) => ({ state, nonce: 'n', codeVerifier: 'v', returnTo: `/${state}` })

describe('RF-5 the sign-ins and sessions of the restaurant’s apps', () => {
  let time = Date.now()
  let stop: () => void
  let url: string

  before(async () => {
    const pending = createPendingSignIns({ cookie: 'x', now: () => new Date(time) })
    const app = new Koa()
    app.use((ctx) => {
      const state = ctx.URL.searchParams.get('state')
      if (ctx.path === '/begin') pending.begin(ctx, startedAs(String(state)))
      ctx.body = ctx.path === '/callback' ? (pending.resume(ctx, state)?.returnTo ?? 'nothing') : ''
    })
    const server = createServer(app.callback()).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    stop = () => void server.close()
  })
  after(() => stop())

  it('a sign-in is finished once, by the browser that began it, within the hour', async () => {
    const [own, other] = [createVisitor(url), createVisitor(url)]
    for (const state of ['a', 'b', 'c']) await own.request(`/begin?state=${state}`)
    const finish = async (visitor = own, state = 'a') =>
      (await visitor.request(`/callback?state=${encodeURIComponent(state)}`)).text()
    expect(await finish(other)).to.equal('nothing')
    expect([await finish(), await finish()]).to.deep.equal(['/a', 'nothing'])
    // One browser's second tab, its cookie under another name, and no state at all.
    const cookie = own.cookies.find(({ name }) => name === 'x-b')?.value ?? ''
    own.cookies.push({ name: 'x-d', value: cookie, path: '/callback' })
    expect([await finish(own, 'd'), await finish(own, ''), await finish(own, 'b;')]).to.deep.equal(
      Array(3).fill('nothing'),
    )
    expect(await finish(own, 'b')).to.equal('/b')
    time += 61 * 60_000
    expect(await finish(own, 'c')).to.equal('nothing')
  })

  it('one person who signs in again and again ends nobody’s session but their own', () => {
    const sessions = createSessions()
    const sessionOf = (sub: string) => ({ tokens: { claims: { sub } } }) as Session
    const carla = sessions.open(sessionOf('carla'))
    const ids = Array.from({ length: 11_000 }, () => sessions.open(sessionOf('mallory')))
    expect(sessions.get(carla)?.tokens.claims.sub).to.equal('carla')
    expect(ids.filter((id) => sessions.get(id))).to.deep.equal(ids.slice(-20))
  })
})
