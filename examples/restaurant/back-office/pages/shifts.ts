/** One shift: who works when, and as what. The week that it stands in has a page of its own. */

import { isDay, weekOf } from '../../calendar.ts'
import { field } from '../../web/field.ts'
import { html } from '../../web/html.ts'
import { longDay } from '../../web/when.ts'
import { namesOf, readStaff } from './lookups.ts'
import type { OfficeVisit } from './office-visit.ts'
import type { RecordKind } from './record-kind.ts'
import { fullName, type Shift, shift } from './records.ts'
import { JOBS, jobTitle } from './staff.ts'

export const times = ({ from, to }: { from: string; to: string }) => `${from}–${to}`

export const shifts: RecordKind<Shift> = {
  path: '/shifts',
  one: 'shift',
  many: 'Shifts',
  read: 'shifts.read',
  update: 'shifts.update',
  reader: shift,
  name: (record) => `${longDay(record.day)}, ${times(record)}`,
  home: ({ day }) => `/shifts?week=${weekOf(day)}`,
  begin(visit) {
    const day = visit.ctx.URL.searchParams.get('day') ?? ''
    return new URLSearchParams({ day: isDay(day) ? day : '', from: '17:00', to: '23:00', job: 'waiter' })
  },
  typed: ({ day, from, to, job, staff = '' }) => new URLSearchParams({ day, from, to, job, staff }),
  labels: new Map([
    ['day', 'Day'],
    ['job', 'As'],
    ['from', 'From'],
    ['to', 'To'],
    ['staff', 'Who'],
  ]),
  async facts(visit, typed) {
    const value = (name: string) => typed.get(name) ?? ''
    const nameOf = namesOf(await readStaff(visit))
    return [
      { label: 'Day', text: isDay(value('day')) ? longDay(value('day')) : '–' },
      { label: 'Time', text: `${value('from')}–${value('to')}` },
      { label: 'As', text: jobTitle(value('job')) },
      { label: 'Who', text: value('staff') ? nameOf(value('staff')) : 'Nobody yet' },
    ]
  },
  async fields(visit: OfficeVisit, typed, wrongs) {
    const about = (name: string) => ({
      name,
      value: typed.get(name) ?? '',
      error: wrongs.get(name),
      required: true,
    })
    const people = (await readStaff(visit)).filter(({ active, id }) => active || id === typed.get('staff'))
    return html`<div class="pair">
        ${field({ ...about('day'), label: 'Day', type: 'date' })}
        ${field({ ...about('job'), label: 'As', choices: JOBS })}
      </div>
      <div class="pair">
        ${field({ ...about('from'), label: 'From', type: 'time' })}
        ${field({ ...about('to'), label: 'To', type: 'time', hint: 'Up to midnight, or on the next day when it is earlier.' })}
      </div>
      ${field({
        ...about('staff'),
        required: false,
        label: 'Who',
        choices: [
          { value: '', label: 'Nobody yet' },
          ...people.map((one) => ({ value: one.id, label: `${fullName(one)}, ${jobTitle(one.job)}` })),
        ],
      })}`
  },
  body(_, typed, change) {
    const staff = typed.get('staff')
    const plain = Object.fromEntries(
      ['day', 'from', 'to', 'job'].map((name) => [name, typed.get(name) ?? '']),
    )
    return { ...plain, ...(staff ? { staff } : change && { staff: null }) }
  },
  farewell: 'Nobody is told of it. Tell whoever was to work then.',
}
