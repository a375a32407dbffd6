/** Days, weeks and moments in words, and the way from a wall clock back to a moment. It owns no arithmetic of days. */
import { addDays, dayOf, daysOfWeek, localTime, momentOf, weekOf } from '../calendar.ts'

const utc = (day: string) => new Date(`${day}T00:00:00Z`)

const format = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options })
const short = format({ day: 'numeric', month: 'short' })
const long = format({ weekday: 'long', day: 'numeric', month: 'long' })
const medium = format({ weekday: 'long', day: 'numeric', month: 'short' })
const wholeWeek = format({ dateStyle: 'long' })
const wholeShortWeek = format({ dateStyle: 'medium' })

/** "12 Nov". */
export const shortDay = (day: string) => short.format(utc(day))

/** "Thursday 12 November". */
export const longDay = (day: string) => long.format(utc(day)).replace(',', '')

/** "Thursday 12 Nov", where there is little room. */
export const dayAndDate = (day: string) => medium.format(utc(day)).replace(',', '')

/** "16–22 November 2026". */
export const weekTitle = (week: string) => formatWeek(week, wholeWeek)

/** "16–22 Nov 2026". */
export const shortWeek = (week: string) => formatWeek(week, wholeShortWeek)

function formatWeek(week: string, format: Intl.DateTimeFormat): string {
  const days = daysOfWeek(week) ?? []
  return format.formatRange(utc(days[0] ?? ''), utc(days[6] ?? ''))
}

export function addWeeks(week: string, count: number): string {
  return weekOf(addDays(daysOfWeek(week)?.[0] ?? '', count * 7))
}

/** "today 19:30", "yesterday 12:05", "12 Nov 19:30", "12 Nov 2025 19:30". */
export function whenOf(at: Date, now: Date, timeZone: string): string {
  const [day = '', time = ''] = localTime(at, timeZone).split(' ')
  const today = dayOf(now, timeZone)
  if (day === today) return `today ${time}`
  if (day === addDays(today, -1)) return `yesterday ${time}`
  if (day === addDays(today, 1)) return `tomorrow ${time}`
  const year = day.slice(0, 4) === today.slice(0, 4) ? '' : ` ${day.slice(0, 4)}`
  return `${shortDay(day)}${year} ${time}`
}

/** What an input of type `datetime-local` has: '2026-11-21T19:30'. */
export function toInput(at: Date, timeZone: string): string {
  return localTime(at, timeZone).replace(' ', 'T')
}

/** The moment that such an input means, `undefined` when what it has is no time. */
export function fromInput(typed: string, timeZone: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(typed) || Number.isNaN(Date.parse(`${typed}Z`)))
    return undefined
  return momentOf(typed, timeZone)
}
