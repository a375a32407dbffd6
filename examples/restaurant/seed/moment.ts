/** The moment at which the clocks of a place show a day and a time. */
import { localTime } from '../calendar.ts'

const minuteMs = 60_000

/**
 * @param time minutes since midnight; more than a day's is the next morning
 * @param timeZone IANA name
 */
export function momentAt(day: string, time: number, timeZone: string): Date {
  const noon = new Date(`${day}T12:00:00Z`)
  // Clocks are changed at night: what they are ahead of UTC by at noon, they are while guests are there.
  const ahead = Date.parse(`${localTime(noon, timeZone).replace(' ', 'T')}:00Z`) - noon.getTime()
  return new Date(Date.parse(`${day}T00:00:00Z`) + time * minuteMs - ahead)
}
