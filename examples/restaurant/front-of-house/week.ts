/** The week that a restaurant is in, and those around it. */
import { dayOf, daysOfWeek, weekOf } from '../calendar.ts'
import { addWeeks } from '../web/when.ts'

export interface Week {
  /** '2026-W47' */
  week: string
  before: string
  after: string
  today: string
}

/** @param asked takes the place of the current week when it is one */
export function weekAt(now: Date, timeZone = 'UTC', asked?: string | null): Week {
  const today = dayOf(now, timeZone)
  const week = asked && daysOfWeek(asked) ? asked : weekOf(today)
  return { week, before: addWeeks(week, -1), after: addWeeks(week, 1), today }
}
