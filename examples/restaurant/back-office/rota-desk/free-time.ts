/**
 * When somebody can work, minute by minute: one flag for each minute of a week, in which Sunday night goes on into
 * Monday. Coarse, and therefore hard to get wrong: it judges what a stranger's program says.
 */

export interface Times {
  weekday: number
  /** 'HH:MM' */
  from: string
  /** Not after `from`: it ends on the next day. */
  to: string
}

export type FreeTime = Uint8Array

const DAY = 24 * 60
const WEEK = 7 * DAY

export function freeTimeOf(slots: readonly Times[], busy: readonly Times[] = []): FreeTime {
  const free = new Uint8Array(WEEK)
  for (const slot of slots) for (const minute of minutesOf(slot)) free[minute] = 1
  for (const times of busy) for (const minute of minutesOf(times)) free[minute] = 0
  return free
}

export function isFree(free: FreeTime, times: Times): boolean {
  return minutesOf(times).every((minute) => free[minute] === 1)
}

/** The same as slots, none of which goes over midnight by more than its end. */
export function slotsOf(free: FreeTime): Times[] {
  const slots: Times[] = []
  for (let weekday = 1; weekday <= 7; weekday += 1) {
    const midnight = (weekday - 1) * DAY
    for (let minute = 0; minute < DAY; minute += 1) {
      if (!free[midnight + minute]) continue
      const from = minute
      while (minute < DAY && free[midnight + minute]) minute += 1
      slots.push({ weekday, from: clock(from), to: clock(minute) })
    }
  }
  return slots
}

/** How long it takes, in minutes. */
export function lengthOf({ from, to }: Pick<Times, 'from' | 'to'>): number {
  return ((minuteOf(to) - minuteOf(from) + DAY - 1) % DAY) + 1
}

export function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}

function minutesOf(times: Times): number[] {
  const start = (times.weekday - 1) * DAY + minuteOf(times.from)
  return Array.from({ length: lengthOf(times) }, (_, index) => (start + index) % WEEK)
}

function clock(minute: number): string {
  const hours = String(Math.floor(minute / 60) % 24).padStart(2, '0')
  return `${hours}:${String(minute % 60).padStart(2, '0')}`
}
