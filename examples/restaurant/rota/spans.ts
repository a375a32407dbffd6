/** Times as numbers, so that they can be compared: minutes from a beginning that all share. The end is not included. */
import type { Person, Shift } from './question.ts'

export interface Span {
  start: number
  end: number
}

const DAY = 24 * 60

/** Of a shift, among all days. */
export function spanOf(shift: Shift): Span {
  return spanAt(Date.parse(shift.day) / 60_000, shift)
}

export function overlap(one: Span, other: Span): boolean {
  return one.start < other.end && other.start < one.end
}

/** When the person has time, in the minutes of a week; slots that touch are one. */
export function freeTime(person: Person): Span[] {
  const spans = person.slots
    .flatMap((slot) => {
      const { start, end } = spanAt(slot.weekday * DAY, slot)
      // The week is a ring: Sunday night goes on into Monday.
      return [-7 * DAY, 0, 7 * DAY].map((turn) => ({ start: start + turn, end: end + turn }))
    })
    .sort((a, b) => a.start - b.start)
  const joined: Span[] = []
  for (const span of spans) {
    const last = joined.at(-1)
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end)
    else joined.push(span)
  }
  return joined
}

/** Whether the whole shift lies in one's free time. */
export function fits(shift: Shift, free: readonly Span[]): boolean {
  const asked = spanAt(shift.weekday * DAY, shift)
  return free.some(({ start, end }) => start <= asked.start && asked.end <= end)
}

function spanAt(midnight: number, { from, to }: { from: string; to: string }): Span {
  const [start, end] = [minutes(from), minutes(to)]
  return { start: midnight + start, end: midnight + (end > start ? end : end + DAY) }
}

function minutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}
