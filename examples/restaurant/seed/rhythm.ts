/** When guests come: the week and the year of a restaurant, around an average of 1. */
import { weekdayOf } from '../calendar.ts'

/** Monday to Sunday; together 7. */
const week = [0.55, 0.6, 0.75, 0.9, 1.35, 1.6, 1.25] as const
/** January to December. */
const year = [0.8, 0.82, 0.92, 1, 1.08, 1.12, 1.15, 0.9, 1.08, 1, 0.95, 1.18] as const

/** How many guests a day has beside an average one. */
export function rushOf(day: string): number {
  const month = Number(day.slice(5, 7))
  return (week[weekdayOf(day) - 1] ?? 1) * (year[month - 1] ?? 1)
}
