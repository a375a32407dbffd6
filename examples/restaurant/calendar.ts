/**
 * Days and weeks as a restaurant counts them: 'YYYY-MM-DD' in its own time zone, and the weeks of ISO 8601, which
 * begin on Monday. The API, its clients and the seed count alike by it. It knows no documents and no clock.
 */
const dayMs = 86_400_000

/** From Monday, which is 1 wherever a weekday is a number. */
export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const

const formats = new Map<string, Intl.DateTimeFormat>()

/** 'YYYY-MM-DD HH:MM' on the clocks of the time zone (IANA name). @throws RangeError for an unknown zone. */
export function localTime(at: Date, timeZone: string): string {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
    formats.set(timeZone, format)
  }
  return format.format(at)
}

/** The day that the time zone's calendar shows at that moment. */
export function dayOf(at: Date, timeZone: string): string {
  return localTime(at, timeZone).slice(0, 10)
}

/**
 * The moment at which the clocks of the time zone show that: 'YYYY-MM-DDTHH:MM'. Where a change of the clocks skips
 * it, one up to an hour off.
 */
export function momentOf(local: string, timeZone: string): Date {
  const wanted = Date.parse(`${local}Z`)
  let at = wanted
  // The second time because the first may have landed on the other side of a change of the clocks.
  for (let turn = 0; turn < 2; turn += 1)
    at += wanted - Date.parse(`${localTime(new Date(at), timeZone).replace(' ', 'T')}Z`)
  return new Date(at)
}

/** When the day begins in the time zone. */
export function startOfDay(day: string, timeZone: string): Date {
  return momentOf(`${day}T00:00`, timeZone)
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(day: string): number {
  return ((toDate(day).getUTCDay() + 6) % 7) + 1
}

export function addDays(day: string, days: number): string {
  return toDay(toDate(day).getTime() + days * dayMs)
}

/** From the first to the last, both included. */
export function daysBetween(first: string, last: string): string[] {
  const length = Math.max(distance(first, last) + 1, 0)
  return Array.from({ length }, (_, index) => addDays(first, index))
}

/** Whether the day is in the calendar: there is no 30th of February. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const date = toDate(text)
  return !Number.isNaN(date.getTime()) && toDay(date.getTime()) === text
}

/** The week of a day, as '2026-W47'. It belongs to the year that has its Thursday. */
export function weekOf(day: string): string {
  const thursday = addDays(day, 4 - weekdayOf(day))
  const year = thursday.slice(0, 4)
  const week = Math.floor(distance(`${year}-01-01`, thursday) / 7) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}

/** Monday to Sunday, or `undefined` when the year has no such week. */
export function daysOfWeek(week: string): string[] | undefined {
  const [, year, number] = /^(\d{4})-W(\d\d)$/.exec(week) ?? []
  if (year === undefined) return undefined
  // The 4th of January always lies in the first week.
  const first = addDays(`${year}-01-04`, 1 - weekdayOf(`${year}-01-04`))
  const monday = addDays(first, (Number(number) - 1) * 7)
  return weekOf(monday) === week ? daysBetween(monday, addDays(monday, 6)) : undefined
}

function distance(from: string, to: string): number {
  return (toDate(to).getTime() - toDate(from).getTime()) / dayMs
}

function toDate(day: string): Date {
  return new Date(`${day}T00:00:00Z`)
}

function toDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
