import { expect } from 'chai'
import fc from 'fast-check'
import { csvLine, decimal } from '../../examples/restaurant/back-office/api/csv.ts'
import {
  salesByDay,
  salesByProduct,
  salesByStaff,
  salesByWeekday,
} from '../../examples/restaurant/back-office/api/sales.ts'
import type { Day } from '../../examples/restaurant/back-office/documents.ts'
import {
  addDays,
  dayOf,
  daysOfWeek,
  isDay,
  localTime,
  weekdayOf,
  weekOf,
} from '../../examples/restaurant/calendar.ts'

describe('SB-9 the restaurant’s calendar', () => {
  it('counts days in the restaurant’s time zone, over a change of the clocks too', () => {
    expect(dayOf(new Date('2026-03-28T22:59:59Z'), 'Europe/Rome')).to.equal('2026-03-28')
    expect(dayOf(new Date('2026-03-28T23:00:00Z'), 'Europe/Rome')).to.equal('2026-03-29')
    expect(dayOf(new Date('2026-03-29T21:59:59Z'), 'Europe/Rome')).to.equal('2026-03-29')
    expect(dayOf(new Date('2026-03-29T22:00:00Z'), 'Europe/Rome')).to.equal('2026-03-30')
    expect(localTime(new Date('2026-03-29T01:00:00Z'), 'Europe/Rome')).to.equal('2026-03-29 03:00')
  })

  it('has the weeks of ISO 8601', () => {
    expect(weekOf('2026-11-21')).to.equal('2026-W47')
    expect(weekOf('2027-01-03')).to.equal('2026-W53')
    expect(weekOf('2024-12-30')).to.equal('2025-W01')
    expect(daysOfWeek('2026-W53')).to.include('2027-01-03')
    for (const none of ['2025-W53', '2026-W00', '2026-W54', '2026-47', '']) {
      expect(daysOfWeek(none), none).to.equal(undefined)
    }
    for (let day = '2019-12-20'; day < '2028-01-20'; day = addDays(day, 1)) {
      const week = daysOfWeek(weekOf(day))
      expect(week?.[weekdayOf(day) - 1], day).to.equal(day)
    }
  })

  it('knows which days there are', () => {
    for (const day of ['2024-02-29', '2026-12-31']) expect(isDay(day), day).to.equal(true)
    for (const day of ['2026-02-29', '2026-13-01', '2026-1-1', '', '2026-02-30T00:00:00Z'])
      expect(isDay(day), day).to.equal(false)
  })
})

describe('SB-9 sales from the daily summaries', () => {
  const water = (quantity: number, name = 'Water') => ({ water: { name, quantity, amount: quantity * 300 } })
  const summaries: Day[] = [
    { ...summary('2026-03-02', 1, 2), products: water(2), staff: { carla: { count: 2, amount: 600 } } },
    {
      ...summary('2026-03-09', 1, 1),
      products: { ...water(1, 'Still water'), wine: { name: 'Wine', quantity: 1, amount: 2000 } },
      staff: { enzo: { count: 1, amount: 2300 } },
    },
  ]

  function summary(day: string, weekday: number, count: number) {
    const total = count === 2 ? 600 : 2300
    return { _id: `roma:${day}`, restaurant: 'roma', day, weekday, count, total, version: 1 }
  }

  it('by day leave no day out', () => {
    const sales = salesByDay(summaries, '2026-03-01', '2026-03-09')
    expect(sales).to.have.length(9)
    expect(sales.slice(0, 2)).to.deep.equal([
      { day: '2026-03-01', weekday: 7, count: 0, total: 0 },
      { day: '2026-03-02', weekday: 1, count: 2, total: 600 },
    ])
  })

  it('by weekday are averages over all such days', () => {
    const [monday, tuesday] = salesByWeekday(summaries, '2026-03-01', '2026-03-16')
    expect(monday).to.deep.equal({ weekday: 1, days: 3, count: 3, total: 2900, averagePerDay: 967 })
    expect(tuesday).to.deep.equal({ weekday: 2, days: 2, count: 0, total: 0, averagePerDay: 0 })
  })

  it('by product go by the last name, the best first', () => {
    expect(salesByProduct(summaries)).to.deep.equal([
      { product: 'wine', name: 'Wine', quantity: 1, amount: 2000 },
      { product: 'water', name: 'Still water', quantity: 3, amount: 900 },
    ])
  })

  it('by staff member are counts, sums and averages', () => {
    expect(salesByStaff(summaries)).to.deep.equal([
      { staff: 'enzo', count: 1, amount: 2300, averagePerTransaction: 2300 },
      { staff: 'carla', count: 2, amount: 600, averagePerTransaction: 300 },
    ])
  })
})

describe('SB-9 CSV', () => {
  it('runs no formula, however it begins', () => {
    const formulas = [
      '=1+1',
      '+1',
      '-1+cmd|x',
      '@SUM(A1)',
      '\t=1',
      ' =1',
      '\r=1',
      '＝1',
      '\u200b=1',
      '\ufeff=1',
    ]
    for (const formula of formulas) {
      const line = csvLine(['a', formula])
      expect(line, JSON.stringify(formula)).to.match(/^a,"?'/)
    }
  })

  it('runs none where cells are parted at the semicolon', () => {
    for (const formula of ['x;=1+1', 'x; =1;y', 'x;;@a', 'x;"=1+1";', 'x\n=1', 'x;\u200b-1'])
      for (const cell of csvLine(['Ada', formula])
        .trim()
        .split(/[;\r\n]/))
        expect(cell, JSON.stringify(formula)).not.to.match(/^[\s\u200b"]*[=@-]/)
    expect(csvLine(['2 × Pizza; 1 × Cola'])).to.equal('2 × Pizza; 1 × Cola\r\n')
  })

  it('keeps numbers and harmless texts as they are', () => {
    expect(csvLine(['Ada Rossi', -3, 0, undefined, 'a-b@c', decimal(123456, 'EUR')])).to.equal(
      'Ada Rossi,-3,0,,a-b@c,1234.56\r\n',
    )
    expect(decimal(5, 'EUR')).to.equal('0.05')
    expect(decimal(500, 'JPY')).to.equal('500')
  })

  it('gives every text back to a reader of RFC 4180', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (texts) => {
        const read = readLine(csvLine(texts))
        const unmarked = (text: string) => text.replace(/(^|[;\t\r\n])'/g, '$1')
        expect(read.map(unmarked)).to.deep.equal(texts.map(unmarked))
      }),
    )
  })
})

function readLine(line: string): string[] {
  const cells = `,${line.slice(0, -2)}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)
  return [...cells].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}
