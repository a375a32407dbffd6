/** The moment at which the clocks of a place show a day and a time. */
import { momentOf } from '../calendar.ts'

const minuteMs = 60_000
const noon = 12 * 60

/**
 * @param time minutes since midnight; more than a day's is the next morning
 * @param timeZone IANA name
 */
export function momentAt(day: string, time: number, timeZone: string): Date {
  // From noon, because clocks are changed at night: so it is right for all hours at which guests are there.
  return new Date(momentOf(`${day}T12:00`, timeZone).getTime() + (time - noon) * minuteMs)
}
