/** The rows of the form in which times are given: a day of the week, from, to. An empty row says nothing. */
import type { Slot } from './answers.ts'
import { timeWrong } from './words.ts'

export interface Row {
  /** 1 is Monday. */
  weekday: number
  from: string
  to: string
  wrong?: string
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/

export function rowsOf(slots: readonly Slot[]): Row[] {
  return slots.map(({ weekday, from, to }) => ({ weekday, from, to }))
}

/** The form sends `day`, `from` and `to` of each row, in the order of the rows. */
export function readRows(form: URLSearchParams): Row[] {
  const [from, to] = [form.getAll('from'), form.getAll('to')]
  return form
    .getAll('day')
    .map((day, index) => ({ weekday: Number(day), from: from[index] ?? '', to: to[index] ?? '' }))
    .filter(({ weekday }) => Number.isInteger(weekday) && weekday >= 1 && weekday <= 7)
}

/** The slots, in order, or the rows with what is wrong with them. Whether they overlap is for the API to say. */
export function checkRows(typed: readonly Row[]): { rows: Row[]; slots?: Slot[] } {
  const inOrder = typed.toSorted((a, b) => a.weekday - b.weekday || begin(a).localeCompare(begin(b)))
  const rows = inOrder.map((row) => ({ ...row, ...wrongWith(row) }))
  if (rows.some(({ wrong }) => wrong)) return { rows }
  return { rows, slots: slotsOf(rows) }
}

/** The slots that go to the API, in the order of the rows. */
function slotsOf(rows: readonly Row[]): Slot[] {
  return rows.filter(isFilled).map(({ weekday, from, to }) => ({ weekday, from, to }))
}

/** The API names a slot by its place among those it got: `slots.2.from`. */
export function besideRows(rows: readonly Row[], fields: ReadonlyMap<string, string>): Row[] {
  const filled = rows.filter(isFilled)
  const wrongs = new Map<Row | undefined, string>()
  for (const [name, message] of fields) wrongs.set(filled[Number(name.split('.')[1] ?? 0)], message)
  return rows.map((row) => {
    const wrong = wrongs.get(row)
    return wrong === undefined ? row : { ...row, wrong: timeWrong(wrong) }
  })
}

/** To sort by: what is still empty comes last. */
function begin({ from, to }: Row): string {
  return from || to || '99'
}

function isFilled({ from, to }: Row): boolean {
  return from !== '' || to !== ''
}

function wrongWith({ from, to }: Row): { wrong?: string } {
  if (from === '' && to === '') return {}
  if (!TIME.test(from)) return { wrong: 'Say from when.' }
  if (!TIME.test(to)) return { wrong: 'Say until when.' }
  return {}
}
