import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { RotaQuestion } from '../../examples/restaurant/back-office/rota-desk/rota-answer.ts'
import {
  createRotaClient,
  type RotaClientOptions,
} from '../../examples/restaurant/back-office/rota-desk/rota-client.ts'
import { RotaUnavailable } from '../../examples/restaurant/back-office/rota-desk/rota-unavailable.ts'
import { lies } from '../../examples/restaurant/rota/behaviour.ts'
import { until } from '../support/until.ts'
import { keepingLog, openRotaPlace, type RotaPlace, WORKER } from './rota-place.ts'

const evening = { from: '17:00', to: '23:00' }
const question: RotaQuestion = {
  people: ['ada', 'bruno'].map((id) => ({
    id,
    name: id,
    job: 'waiter',
    slots: [
      { weekday: 1, ...evening },
      { weekday: 2, ...evening },
    ],
  })),
  shifts: [
    { id: 'mon', day: '2026-11-16', weekday: 1, ...evening, job: 'waiter' },
    { id: 'too', day: '2026-11-16', weekday: 1, ...evening, job: 'waiter' },
    { id: 'tue', day: '2026-11-17', weekday: 2, ...evening, job: 'waiter' },
  ],
}

describe('RF-7 asking the rota', () => {
  let place: RotaPlace
  let log: ReturnType<typeof keepingLog>
  const open: { close(): void }[] = []

  before(async () => {
    place = await openRotaPlace()
  })
  after(() => place.close())
  beforeEach(() => {
    place.rota.behaviour = 'well'
    log = keepingLog()
  })
  afterEach(() => {
    for (const one of open.splice(0)) one.close()
  })

  function client(o: Partial<RotaClientOptions> = {}) {
    const made = createRotaClient({
      url: place.rota.url,
      issuer: place.app.url,
      clientId: WORKER,
      clientSecret: place.secret,
      log,
      now: () => new Date(),
      ...o,
    })
    open.push(made)
    const ask = (requestId = 'request-1') =>
      made.schedule(question, { requestId }).catch((error: unknown) => error as RotaUnavailable)
    return { ask }
  }
  const troubleOf = (answer: unknown) => (answer instanceof RotaUnavailable ? answer.trouble : answer)

  it('gets a schedule', async () => {
    const answer = await client().ask()
    expect(answer).to.have.property('unfilled').that.deep.equals([])
    expect(answer).to.have.property('assignments').with.length(3)
    expect(log.lines).to.deep.equal([])
  })

  it('asks Maitred once for a token, and again when the rota no longer takes it', async () => {
    let tokens = 0
    let spoil = false
    const fetch: typeof globalThis.fetch = async (input, init) => {
      if (String(input).endsWith('/token')) tokens += 1
      const headers = new Headers(init?.headers)
      if (spoil && String(input).endsWith('/schedule')) headers.set('authorization', 'Bearer spoilt')
      spoil = false
      return globalThis.fetch(input, { ...init, headers })
    }
    const { ask } = client({ fetch })
    await Promise.all([ask(), ask()])
    expect(tokens).to.equal(1)
    spoil = true
    expect(await ask()).to.have.property('unfilled')
    expect(tokens).to.equal(2)
  })

  it('asks once more when the connection fails, and then says so with the request id', async () => {
    place.rota.behaviour = 'down'
    const before = place.rota.asked
    const answer = await client().ask('request-7')
    expect(troubleOf(answer)).to.equal('unreachable')
    expect(place.rota.asked - before).to.equal(2)
    const told = log.lines.map((line) => JSON.parse(line))
    expect(told.map(({ requestId, attempt }) => [requestId, attempt])).to.deep.equal([
      ['request-7', 1],
      ['request-7', 2],
    ])
    expect(told[0]).to.include({ trouble: 'unreachable', level: 'warn' })
  })

  it('does not wait for a slow rota, and does not ask it again', async () => {
    place.rota.behaviour = 'slow'
    const before = place.rota.asked
    const began = performance.now()
    expect(troubleOf(await client({ timeoutMs: 150 }).ask())).to.equal('slow')
    expect(performance.now() - began).to.be.below(2_000)
    expect(place.rota.asked - before).to.equal(1)
  })

  for (const lie of lies) {
    it(`does not believe the lie "${lie}"`, async () => {
      place.rota.behaviour = lie
      expect(troubleOf(await client().ask())).to.equal('wrong')
      expect(log.lines).to.have.length(1)
    })
  }

  it('leaves a failing rota alone, and comes back when it is well', async () => {
    place.rota.behaviour = 'down'
    const { ask } = client({ restMs: 300 })
    for (let n = 0; n < 3; n += 1) await ask()
    const before = place.rota.asked
    const answer = await ask()
    expect(answer).to.include({ trouble: 'resting', retryAfter: 1 })
    expect(place.rota.asked).to.equal(before)
    place.rota.behaviour = 'well'
    await until(async () => expect(await ask()).to.have.property('assignments'))
    expect(log.lines.join()).to.contain('left alone').and.to.contain('answers again')
  })

  it('blames the question, not the rota, when the question is refused', async () => {
    const wrong = { ...question, shifts: [{ ...question.shifts[0], from: '99:00' }] } as RotaQuestion
    const made = createRotaClient({
      url: place.rota.url,
      issuer: place.app.url,
      clientId: WORKER,
      clientSecret: place.secret,
      log,
      now: () => new Date(),
    })
    open.push(made)
    for (let n = 0; n < 6; n += 1)
      expect(
        troubleOf(await made.schedule(wrong, { requestId: 'r' }).catch((error: unknown) => error)),
      ).to.equal('refused')
  })

  it('neither follows a redirect with its token, nor reads an endless answer', async () => {
    const heard: string[] = []
    const server = createServer((request, response) => {
      heard.push(`${request.url}`)
      if (request.url === '/schedule') return void response.writeHead(307, { location: '/elsewhere' }).end()
      response.end('{}')
    }).listen(0, '127.0.0.1')
    const endless = createServer((_, response) => {
      const pour = () => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', pour)
      }
      pour()
    }).listen(0, '127.0.0.1')
    const urlOf = (one: typeof server) => `http://127.0.0.1:${(one.address() as AddressInfo).port}`
    await until(() => urlOf(server) && urlOf(endless))
    try {
      expect(troubleOf(await client({ url: urlOf(server) }).ask())).to.equal('unreachable')
      expect(heard).to.not.include('/elsewhere')
      expect(troubleOf(await client({ url: urlOf(endless) }).ask())).to.equal('wrong')
    } finally {
      for (const one of [server, endless]) {
        one.closeAllConnections()
        one.close()
      }
    }
  })

  it('writes no credential into its log, whatever goes wrong', async () => {
    const secret = 'not-the-secret-but-secret-enough'
    const wrongSecret = client({ clientSecret: secret })
    expect(troubleOf(await wrongSecret.ask())).to.equal('no-token')
    const noIssuer = client({ issuer: 'http://localhost:9' })
    expect(troubleOf(await noIssuer.ask())).to.equal('no-token')
    let token = ''
    const noRota = client({
      url: 'http://localhost:9',
      fetch: (input, init) => {
        token ||= new Headers(init?.headers).get('authorization') ?? ''
        return globalThis.fetch(input, init)
      },
    })
    expect(troubleOf(await noRota.ask())).to.equal('unreachable')
    const all = log.lines.join('\n')
    expect(all).to.not.equal('')
    for (const credential of [secret, place.secret, token.replace(/^\w+ /, ''), 'eyJ', 'Bearer', 'Basic']) {
      expect(credential).to.not.equal('')
      expect(all).to.not.contain(credential)
    }
  })
})
