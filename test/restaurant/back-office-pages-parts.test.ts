import { expect } from 'chai'
import fc from 'fast-check'
import { columnChart } from '../../examples/restaurant/back-office/pages/chart/column-chart.ts'
import type { ChartOptions } from '../../examples/restaurant/back-office/pages/chart/figure.ts'
import { lineChart } from '../../examples/restaurant/back-office/pages/chart/line-chart.ts'
import { ranking } from '../../examples/restaurant/back-office/pages/chart/ranking.ts'
import { labelled, niceTicks } from '../../examples/restaurant/back-office/pages/chart/scale.ts'
import { mergeEdit } from '../../examples/restaurant/back-office/pages/stale-edit.ts'
import { change, fromTyped, money, shortMoney, toTyped } from '../../examples/restaurant/web/money.ts'
import { fromInput, toInput, weekTitle, whenOf } from '../../examples/restaurant/web/when.ts'

const chart = (values: readonly number[]): ChartOptions => ({
  id: 'c',
  title: 'Sales <by> day',
  description: 'What came in',
  points: values.map((value, index) => ({ label: `${index}`, name: `Day ${index}`, value })),
  format: (value) => money(value, 'EUR'),
  columns: ['Day', 'Sales'],
})

describe('SB-9 the drawings', () => {
  it('are named, described and have their numbers in a table, without a script or a style of their own', () => {
    for (const draw of [lineChart, columnChart]) {
      const { html } = draw(chart([1200, 0, 98_765]))
      expect(html).to.match(/role="img" aria-labelledby="c-wide-t c-wide-d"/)
      expect(html).to.include('Sales &lt;by&gt; day').and.include('<td class="number">€987.65</td>')
      expect(html).not.to.match(/<script|style=|<by>/)
    }
  })

  it('hold with nothing, with one point, with noughts and with many', () => {
    for (const values of [[], [0], [5], [0, 0, 0], Array.from({ length: 400 }, (_, index) => index * 37)])
      for (const draw of [lineChart, columnChart])
        expect(draw(chart(values)).html).not.to.match(/NaN|Infinity|undefined/)
  })

  it('rank with bars beside the numbers', () => {
    const rows = [{ name: '<i>', value: 50, more: ['2'] }]
    const { html } = ranking({ id: 'r', title: 'T', columns: ['A', 'B', 'C'], rows, format: String })
    expect(html).to.include('&lt;i&gt;').and.include('width="100"').and.include('>50</td>')
  })

  it('stand on round steps that reach the highest', () => {
    expect(niceTicks(0)).to.deep.equal([0])
    expect(niceTicks(66_390)).to.deep.equal([0, 20_000, 40_000, 60_000, 80_000])
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000_000 }), (highest) => {
        const ticks = niceTicks(highest)
        expect(ticks.at(-1)).to.be.at.least(highest)
        expect(ticks.length).to.be.within(2, 6)
        expect(ticks).to.deep.equal([...new Set(ticks)].sort((a, b) => a - b))
      }),
    )
    expect(labelled(30, 4)).to.deep.equal([0, 10, 19, 29])
  })
})

describe('RF-2 what the pages read and say', () => {
  it('are amounts and changes as people write them', () => {
    expect([money(123_450, 'EUR'), money(500, 'JPY')]).to.deep.equal(['€1,234.50', 'JP¥500'])
    expect([shortMoney(123_450, 'EUR'), shortMoney(15_250, 'EUR')]).to.deep.equal(['€1.2k', '€153'])
    expect([change(110, 100), change(90, 100), change(5, 0)]).to.deep.equal(['+10 %', '−10 %', undefined])
  })

  it('are amounts there and back, to the cent', () => {
    fc.assert(
      fc.property(fc.nat(100_000_000), fc.constantFrom('EUR', 'JPY'), (amount, currency) => {
        const typed = toTyped(amount, currency)
        if (typed.length <= 10 && amount < 1_000_000) expect(fromTyped(typed, currency)).to.equal(amount)
      }),
    )
    expect(['12,5', ' 12.50 ', '7'].map((typed) => fromTyped(typed, 'EUR'))).to.deep.equal([1250, 1250, 700])
    for (const typed of ['', '-1', '1.234', 'twelve', '1e3', '12.'])
      expect(fromTyped(typed, 'EUR')).to.equal(undefined)
    expect(fromTyped('12.5', 'JPY')).to.equal(undefined)
  })

  it('are times on the wall of the restaurant, there and back', () => {
    const minutes = { min: Date.UTC(2020, 0, 1) / 60_000, max: Date.UTC(2035, 0, 1) / 60_000 }
    fc.assert(
      fc.property(
        fc.integer(minutes),
        fc.constantFrom('Europe/Rome', 'America/New_York', 'Asia/Kolkata'),
        (minute, zone) => {
          const typed = toInput(new Date(minute * 60_000), zone)
          // The hour that is there twice in autumn reads the same both times.
          expect(toInput(fromInput(typed, zone) ?? new Date(0), zone)).to.equal(typed)
        },
      ),
    )
    expect(fromInput('2026-07-01T12:00', 'Europe/Rome')?.toISOString()).to.equal('2026-07-01T10:00:00.000Z')
    expect([fromInput('', 'UTC'), fromInput('2026-13-01T00:00', 'UTC')]).to.deep.equal([undefined, undefined])
  })

  it('are days as people call them', () => {
    const now = new Date('2026-11-21T22:30:00Z')
    const say = (at: string) => whenOf(new Date(at), now, 'Europe/Rome')
    expect(say('2026-11-21T18:04:00Z')).to.equal('today 19:04')
    expect(say('2026-11-20T23:30:00Z')).to.equal('today 00:30')
    expect(say('2026-11-20T18:04:00Z')).to.equal('yesterday 19:04')
    expect(say('2025-11-20T18:04:00Z')).to.equal('20 Nov 2025 19:04')
    expect(weekTitle('2026-W53')).to.match(/28 December 2026.+3 January 2027/)
  })
})

describe('SB-2 an edit that somebody else was quicker than', () => {
  const form = (values: Record<string, string>) => new URLSearchParams(values)
  const was = form({ name: 'Ada', phone: '1', note: '' })

  it('keeps what was typed and takes the rest from what is there now', () => {
    const typed = form({ name: 'Ada', phone: '2', note: '' })
    const merged = mergeEdit({
      was: was.toString(),
      typed,
      current: form({ name: 'Ada', phone: '1', note: 'vegan' }),
    })
    expect(Object.fromEntries(merged.form)).to.deep.equal({ name: 'Ada', phone: '2', note: 'vegan' })
    expect(merged.collides).to.equal(false)
  })

  it('says when both changed the same to something else', () => {
    const typed = form({ name: 'Ada', phone: '2', note: '' })
    const merged = mergeEdit({
      was: was.toString(),
      typed,
      current: form({ name: 'Ada', phone: '3', note: '' }),
    })
    expect([merged.form.get('phone'), merged.collides]).to.deep.equal(['2', true])
  })

  it('takes what belongs together from one side', () => {
    const lines = (pairs: [string, string][]) =>
      new URLSearchParams(
        pairs.flatMap(([product, quantity]) => [
          ['product', product],
          ['quantity', quantity],
        ]),
      )
    const merged = mergeEdit({
      was: lines([
        ['a', '1'],
        ['b', '2'],
      ]).toString(),
      typed: lines([
        ['a', '1'],
        ['b', '2'],
        ['', ''],
      ]),
      current: lines([['a', '5']]),
      together: ['product', 'quantity'],
    })
    expect(merged.form.toString()).to.equal('product=a&quantity=5')
  })
})
