import { expect } from 'chai'
import fc from 'fast-check'
import { lies } from '../../examples/restaurant/rota/behaviour.ts'
import type { Question } from '../../examples/restaurant/rota/question.ts'
import { ROTA_API, type RotaProgram, startRota } from '../../examples/restaurant/rota/rota.ts'
import { schedule } from '../../examples/restaurant/rota/schedule.ts'
import { fits, freeTime, overlap, spanOf } from '../../examples/restaurant/rota/spans.ts'
import { type House, openHouse } from '../guard/house.ts'
import { API } from '../support/restaurant.ts'

const always = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: '00:00', to: '00:00' }))
const person = (id: string, slots: Question['people'][number]['slots'] = always, job = 'waiter') => ({
  id,
  name: id,
  job,
  slots,
})
/** 16 November 2026 is a Monday. */
const shift = (id: string, weekday: number, from: string, to: string, job = 'waiter') => ({
  id,
  day: `2026-11-${15 + weekday}`,
  weekday,
  from,
  to,
  job,
})
const small: Question = {
  people: [person('ada'), person('bruno')],
  shifts: [shift('mon', 1, '17:00', '23:00'), shift('tue', 2, '17:00', '23:00')],
}

describe('RF-7 the schedule', () => {
  it('gives each shift to somebody of the job who has time', () => {
    const people = [
      person('ada', [{ weekday: 1, from: '10:00', to: '16:00' }]),
      person('carlo', always, 'chef'),
      person('dora', [
        { weekday: 1, from: '16:00', to: '20:00' },
        { weekday: 1, from: '20:00', to: '23:30' },
      ]),
    ]
    const shifts = [
      shift('lunch', 1, '11:00', '15:00'),
      shift('dinner', 1, '17:00', '23:00'),
      shift('kitchen', 1, '17:00', '23:00', 'chef'),
      shift('tuesday', 2, '11:00', '15:00'),
    ]
    expect(schedule({ people, shifts })).to.deep.equal({
      assignments: [
        { shift: 'lunch', staff: 'ada' },
        { shift: 'dinner', staff: 'dora' },
        { shift: 'kitchen', staff: 'carlo' },
      ],
      unfilled: ['tuesday'],
    })
  })

  it('moves others to make room', () => {
    // Ada alone can take the evening, and first had the noon that Bruno can take too.
    const people = [person('ada'), person('bruno', [{ weekday: 1, from: '10:00', to: '15:00' }])]
    const shifts = [shift('noon', 1, '11:00', '15:00'), shift('long', 1, '12:00', '20:00')]
    expect(schedule({ people, shifts }).unfilled).to.deep.equal([])
  })

  it('knows shifts that end after midnight, and a night from Sunday to Monday', () => {
    const night = [{ weekday: 7, from: '18:00', to: '02:00' }]
    expect(fits(shift('a', 7, '19:00', '01:00'), freeTime(person('ada', night)))).to.equal(true)
    expect(fits(shift('a', 7, '19:00', '03:00'), freeTime(person('ada', night)))).to.equal(false)
    expect(fits(shift('a', 1, '00:00', '02:00'), freeTime(person('ada', night)))).to.equal(true)
    const [late, early] = [shift('a', 1, '20:00', '02:00'), shift('b', 2, '01:00', '05:00')]
    expect(overlap(spanOf(late), spanOf(early))).to.equal(true)
  })

  it('shares ten equal shifts among three people as 4, 3, 3', () => {
    const shifts = Array.from({ length: 10 }, (_, n) =>
      shift(`s${n}`, 1 + (n % 5), n < 5 ? '08:00' : '14:00', n < 5 ? '12:00' : '18:00'),
    )
    const { assignments } = schedule({ people: ['ada', 'bruno', 'dora'].map((id) => person(id)), shifts })
    const counts = ['ada', 'bruno', 'dora'].map(
      (id) => assignments.filter(({ staff }) => staff === id).length,
    )
    expect(counts.sort()).to.deep.equal([3, 3, 4])
  })

  it('is right for any question: all shifts answered, nobody in two places, none unfilled that is free', () => {
    const time = fc.integer({ min: 0, max: 47 }).map((half) => {
      const hour = String(Math.floor(half / 2)).padStart(2, '0')
      return `${hour}:${half % 2 ? '30' : '00'}`
    })
    const weekday = fc.integer({ min: 1, max: 7 })
    const job = fc.constantFrom('waiter', 'chef')
    const slots = fc.array(fc.record({ weekday, from: time, to: time }), { maxLength: 8 })
    const people = fc
      .array(fc.record({ slots, job }), { maxLength: 6 })
      .map((list) => list.map((one, n) => person(`p${n}`, one.slots, one.job)))
    const shifts = fc
      .array(fc.record({ weekday, from: time, to: time, job }), { maxLength: 15 })
      .map((list) => list.map((one, n) => shift(`s${n}`, one.weekday, one.from, one.to, one.job)))
    fc.assert(
      fc.property(fc.record({ people, shifts }), (asked) => {
        const { assignments, unfilled } = schedule(asked)
        const answered = [...assignments.map((one) => one.shift), ...unfilled]
        expect(answered.sort()).to.deep.equal(asked.shifts.map(({ id }) => id).sort())
        const duties = (id: string) =>
          asked.shifts.filter((one) =>
            assignments.some((given) => given.shift === one.id && given.staff === id),
          )
        for (const who of asked.people) {
          const own = duties(who.id)
          for (const one of own) {
            expect(who.job).to.equal(one.job)
            expect(fits(one, freeTime(who))).to.equal(true)
            for (const other of own)
              if (other !== one) expect(overlap(spanOf(one), spanOf(other))).to.equal(false)
          }
          for (const one of asked.shifts.filter(({ id }) => unfilled.includes(id))) {
            const could = who.job === one.job && fits(one, freeTime(who))
            const busy = own.some((other) => overlap(spanOf(one), spanOf(other)))
            expect(could && !busy, `${who.id} could take ${one.id}`).to.equal(false)
          }
        }
      }),
    )
  })

  it('answers the largest question within two seconds', () => {
    const people = Array.from({ length: 200 }, (_, n) => person(`p${n}`))
    const shifts = Array.from({ length: 300 }, (_, n) =>
      shift(
        `s${n}`,
        1 + (n % 7),
        `${String(n % 24).padStart(2, '0')}:00`,
        `${String((n + 5) % 24).padStart(2, '0')}:30`,
      ),
    )
    const began = performance.now()
    expect(schedule({ people, shifts }).unfilled).to.deep.equal([])
    expect(performance.now() - began).to.be.below(2_000)
  })
})

describe('RF-7 the kitchen rota', () => {
  let house: House
  let rota: RotaProgram

  before(async () => {
    house = await openHouse()
    rota = await startRota({ issuer: house.app.url, port: 0 })
  })
  after(async () => {
    await rota.close()
    await house.app.stop()
  })
  beforeEach(() => {
    rota.behaviour = 'well'
  })

  const machine = { aud: ROTA_API, sub: 'robot', client_id: 'robot', scope: 'rota.schedule' }
  async function ask(o: { claims?: Record<string, unknown>; token?: string; body?: unknown } = {}) {
    const token = o.token ?? (await house.sign({ ...machine, ...o.claims }))
    return await fetch(`${rota.url}/schedule`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(o.body ?? small),
    })
  }

  it('answers a machine with a schedule', async () => {
    const answer = await ask()
    expect(answer.status).to.equal(200)
    expect(await answer.json()).to.deep.equal({
      assignments: [
        { shift: 'mon', staff: 'ada' },
        { shift: 'tue', staff: 'bruno' },
      ],
      unfilled: [],
    })
  })

  for (const [what, claims, status] of [
    ['a token for another API', { aud: API }, 401],
    ['a machine without the scope', { scope: 'shifts.read' }, 403],
    ['a person, whatever scope the token has', { sub: 'ada' }, 403],
    ['an expired token', { exp: Math.floor(Date.now() / 1_000) - 60 }, 401],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const answer = await ask({ claims })
      expect(answer.status).to.equal(status)
      expect(answer.headers.get('content-type')).to.contain('application/problem+json')
      expect(answer.headers.get('www-authenticate')).to.contain('Bearer')
    })
  }

  it('names the field of a question that it does not understand', async () => {
    const answer = await ask({ body: { ...small, shifts: [{ ...small.shifts[0], from: '25:00' }] } })
    expect(answer.status).to.equal(422)
    expect(await answer.json()).to.have.nested.property('errors[0].field', 'shifts.0.from')
    const twice = await ask({ body: { ...small, people: [person('ada'), person('ada')] } })
    expect(await twice.json()).to.have.nested.property('errors[0].field', 'people')
  })

  it('answers 404, 405 and 415 as a server should', async () => {
    expect((await fetch(`${rota.url}/nowhere`)).status).to.equal(404)
    expect((await fetch(`${rota.url}/schedule`)).status).to.equal(405)
    const token = await house.sign(machine)
    const text = await fetch(`${rota.url}/schedule`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: 'hello',
    })
    expect(text.status).to.equal(415)
  })

  it('hangs up, and lies, when it is told to', async () => {
    rota.behaviour = 'down'
    expect(await ask().catch(() => 'hung up')).to.equal('hung up')
    rota.behaviour = 'wrong'
    const told = new Set<string>()
    for (const _ of lies) told.add(await (await ask()).text())
    expect(told.size).to.equal(lies.length)
  })

  it('is slow when it is told to, and ends though somebody waits', async () => {
    const slow = await startRota({ issuer: house.app.url, port: 0, behaviour: 'slow' })
    const token = await house.sign(machine)
    const waiting = fetch(`${slow.url}/schedule`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(small),
    }).catch(() => 'cut off')
    while (slow.asked === 0) await new Promise((resolve) => setImmediate(resolve))
    await slow.close()
    expect(await waiting).to.equal('cut off')
  })
})
