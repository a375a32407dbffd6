/** `/shifts`: who is to work when. The staff reads them, whoever plans them changes them. */
import type { Store, Write } from 'maitred/storage'
import { z } from 'zod'
import { addDays, dayOf, daysOfWeek, weekOf } from '../../calendar.ts'
import { job, restaurants, type Shift, type StaffMember, shifts, staff } from '../documents.ts'
import { decide, soleNamingWrite } from './deciding.ts'
import { dayField, idField, pageFields } from './fields.ts'
import { fieldProblem } from './problem.ts'
import { changed, changeOf, created, found, matched, pageOf, pageSchema, patched, shown } from './resource.ts'
import { type Kit, type Route, staffRoute } from './route.ts'
import { overlap, spanOnDay, timeField } from './working-hours.ts'

export const weekField = z
  .string()
  .regex(/^20[0-9]{2}-W[0-5][0-9]$/, 'must be a week, YYYY-Www')
  .refine((week) => daysOfWeek(week) !== undefined, 'is not in the calendar')

const fields = { day: dayField, from: timeField, to: timeField, job }
const newShift = z.strictObject({ ...fields, staff: idField.optional() })
const patch = z.strictObject({ ...fields, staff: idField.nullable() }).partial()

const shiftAnswer = z
  .object({
    id: z.string(),
    day: z.string(),
    from: z.string(),
    to: z.string().meta({ description: 'Not after `from`: on the next day' }),
    job,
    staff: z.string().optional().meta({ description: 'Absent while it is nobody’s' }),
    rota: z.string().optional().meta({ description: 'The rota that filled it' }),
  })
  .meta({ id: 'Shift' })

function shiftView(shift: Shift): z.infer<typeof shiftAnswer> {
  const { _id, day, from, to, job, staff, rota } = shift
  const times = { id: _id, day, from, to, job }
  return { ...times, ...(staff !== undefined && { staff }), ...(rota !== undefined && { rota }) }
}

export function shiftRoutes({ store, now, newId }: Kit): Route[] {
  async function thisWeek(restaurant: string): Promise<string> {
    const { timeZone } = found(await store.collection(restaurants).get(restaurant))
    return weekOf(dayOf(now(), timeZone))
  }

  return [
    staffRoute({
      method: 'get',
      path: '/shifts',
      permission: 'shifts.read',
      summary: 'The shifts of a week, by day',
      query: z.strictObject({
        ...pageFields,
        week: weekField.optional().meta({ description: 'ISO 8601, like 2026-W47. Default: this week.' }),
        mine: z.enum(['true', 'false']).optional().meta({ description: 'Only one’s own' }),
      }),
      answer: pageSchema(shiftAnswer),
      async handle({ own, query, me, restaurant }) {
        const days = daysOfWeek(query.week ?? (await thisWeek(restaurant))) ?? []
        const match = {
          day: { $gte: days[0] ?? '', $lte: days.at(-1) ?? '' },
          ...(query.mine === 'true' && { staff: me._id }),
        }
        return pageOf(own(shifts), match, { query, sort: { field: 'day', order: 'asc' }, view: shiftView })
      },
    }),
    staffRoute({
      method: 'post',
      path: '/shifts',
      permission: 'shifts.update',
      summary: 'Plan a shift',
      body: newShift,
      answer: shiftAnswer,
      async handle({ own, restaurant, body }) {
        const { staff: worker, ...times } = body
        const shift: Shift = {
          _id: newId(),
          restaurant,
          ...times,
          ...(worker && { staff: worker }),
          version: 1,
        }
        checkTimes(shift)
        return decide(async () => {
          const member = worker === undefined ? undefined : await own(staff).get(worker)
          const naming = await takeOn(store, shift, member, now())
          await store.batch([...naming, { in: shifts, insert: shift }])
          return created('/shifts', shift, shiftView)
        })
      },
    }),
    staffRoute({
      method: 'get',
      path: '/shifts/{id}',
      permission: 'shifts.read',
      summary: 'A shift',
      answer: shiftAnswer,
      async handle({ own, id }) {
        return shown(found(await own(shifts).get(id)), shiftView)
      },
    }),
    staffRoute({
      method: 'patch',
      path: '/shifts/{id}',
      permission: 'shifts.update',
      summary: 'Change a shift, or whose it is',
      body: patch,
      answer: shiftAnswer,
      async handle(call) {
        const { own, id } = call
        // Whoever is named by hand stays: the next rota leaves alone what no rota has filled.
        const body = call.body.staff === undefined ? call.body : { ...call.body, rota: null }
        return decide(async () => {
          const before = await matched(call, shifts)
          const shift = { ...patched(before, body), version: before.version + 1 }
          checkTimes(shift)
          const member = shift.staff === undefined ? undefined : await own(staff).get(shift.staff)
          const naming = await takeOn(store, shift, member, now())
          const update = { _id: id, restaurant: before.restaurant, version: before.version }
          await store.batch([...naming, { in: shifts, update, change: changeOf(body) }])
          return shown(shift, shiftView)
        })
      },
    }),
    staffRoute({
      method: 'delete',
      path: '/shifts/{id}',
      permission: 'shifts.update',
      summary: 'Drop a shift',
      async handle(call) {
        const { own, id } = call
        const shift = await matched(call, shifts)
        changed(await own(shifts).take({ _id: id, version: shift.version }))
        return {}
      },
    }),
  ]
}

/** @throws Problem 422 */
function checkTimes({ from, to }: Shift): void {
  if (from === to) throw fieldProblem('to', 'must not be the same as from')
}

/** What to write beside the shift when it is somebody's. @throws Problem 422 when it cannot be theirs. */
async function takeOn(
  store: Store,
  shift: Shift,
  member: StaffMember | undefined,
  at: Date,
): Promise<Write[]> {
  if (shift.staff === undefined) return []
  if (!member?.active) throw fieldProblem('staff', 'is nobody who works here')
  const near = { $gte: addDays(shift.day, -1), $lte: addDays(shift.day, 1) }
  const others = await store
    .collection(shifts)
    .find({ staff: member._id, day: near, _id: { $ne: shift._id } })
  const span = spanOnDay(shift.day, shift)
  if (others.some((other) => overlap(span, spanOnDay(other.day, other))))
    throw fieldProblem('staff', 'has another shift at that time')
  return [soleNamingWrite(staff, member, at)]
}
