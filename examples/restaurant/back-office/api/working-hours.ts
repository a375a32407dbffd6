/** Times of day as the staff's plans have them, 'HH:MM'. What does not end after it begins ends on the next day. */
import { z } from 'zod'

/** Minutes from a beginning that all share; the end is not included. */
export interface Span {
  start: number
  end: number
}

const dayMinutes = 24 * 60

export const timeField = z
  .string()
  .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be a time of day, HH:MM')
  .meta({ description: 'HH:MM' })

/** Among all days. */
export function spanOnDay(day: string, times: { from: string; to: string }): Span {
  return spanFrom(Date.parse(day) / 60_000, times)
}

/** Among those of a week, which is a ring: Sunday night goes on into Monday. */
export function spansInWeek(weekday: number, times: { from: string; to: string }): Span[] {
  return [weekday - 7, weekday, weekday + 7].map((day) => spanFrom(day * dayMinutes, times))
}

export function overlap(one: Span, other: Span): boolean {
  return one.start < other.end && other.start < one.end
}

function spanFrom(midnight: number, { from, to }: { from: string; to: string }): Span {
  const [start, end] = [minutes(from), minutes(to)]
  return { start: midnight + start, end: midnight + (end > start ? end : end + dayMinutes) }
}

function minutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}
