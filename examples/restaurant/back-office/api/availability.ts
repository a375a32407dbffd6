/** `/availability`: when the staff can work, each by themselves; who plans the shifts reads it all. */
import { z } from 'zod'
import { type Availability, availability, staff } from '../documents.ts'
import { momentAnswer, pageFields } from './fields.ts'
import { fieldProblem } from './problem.ts'
import { changed, pageOf, pageSchema, requireMatch, shown } from './resource.ts'
import { type Kit, type Route, staffRoute } from './route.ts'
import { overlap, spansInWeek, timeField } from './working-hours.ts'

const slot = z.strictObject({ weekday: z.int().min(1).max(7), from: timeField, to: timeField })
type Slot = z.infer<typeof slot>

const times = z.strictObject({ slots: z.array(slot).max(50) })

const availabilityAnswer = z
  .object({
    staff: z.string(),
    slots: z.array(slot),
    updatedAt: momentAnswer.optional().meta({ description: 'Absent when nothing was ever said' }),
  })
  .meta({ id: 'Availability' })

const memberAnswer = availabilityAnswer
  .extend({ firstName: z.string(), lastName: z.string(), job: z.string() })
  .meta({ id: 'MemberAvailability' })

function view({ _id, slots, updatedAt }: Availability): z.infer<typeof availabilityAnswer> {
  return { staff: _id, slots, updatedAt: updatedAt.toISOString() }
}

export function availabilityRoutes({ store, now }: Kit): Route[] {
  const all = store.collection(availability)
  return [
    staffRoute({
      method: 'get',
      path: '/availability/me',
      permission: 'availability.own',
      summary: 'When I can work',
      answer: availabilityAnswer,
      async handle({ me }) {
        const known = await all.get(me._id)
        return known ? shown(known, view) : { body: { staff: me._id, slots: [] } }
      },
    }),
    staffRoute({
      method: 'put',
      path: '/availability/me',
      permission: 'availability.own',
      summary: 'Say when I can work',
      description:
        'Replaces what was said before. Ranges that do not end after they begin end on the next day.',
      headers: { 'If-Match': 'The ETag of what is to be replaced; without it, whatever is there' },
      refusals: [412],
      body: times,
      answer: availabilityAnswer,
      async handle(call) {
        const { me, body } = call
        checkSlots(body.slots)
        const at = now()
        const change = { $set: { slots: body.slots, updatedAt: at }, $inc: { version: 1 } }
        const first = { _id: me._id, restaurant: me.restaurant, slots: body.slots, updatedAt: at, version: 1 }
        if (call.header('if-match') === '')
          return shown(changed(await all.update({ _id: me._id }, change, { insert: first })), view)
        const known = changed(await all.get(me._id))
        requireMatch(call, known)
        return shown(changed(await all.update({ _id: me._id, version: known.version }, change)), view)
      },
    }),
    staffRoute({
      method: 'get',
      path: '/availability',
      permission: 'shifts.update',
      summary: 'When everybody can work, by last name',
      query: z.strictObject(pageFields),
      answer: pageSchema(memberAnswer),
      async handle({ own, query }) {
        // Not more than the staff of one restaurant.
        const said = new Map((await own(availability).find({})).map((known) => [known._id, known]))
        return pageOf(
          own(staff),
          { active: true },
          {
            query,
            sort: { field: 'lastName', order: 'asc' },
            view({ _id, firstName, lastName, job }) {
              const known = said.get(_id)
              return { ...(known ? view(known) : { staff: _id, slots: [] }), firstName, lastName, job }
            },
          },
        )
      },
    }),
  ]
}

/** @throws Problem 422 when two of them share a moment. */
function checkSlots(slots: readonly Slot[]): void {
  const weeks = slots.map((slot) => spansInWeek(slot.weekday, slot))
  const twice = weeks.findIndex((spans, index) =>
    weeks
      .slice(0, index)
      .some((others) => others.some((other) => spans.some((span) => overlap(span, other)))),
  )
  if (twice >= 0) throw fieldProblem(`slots.${twice}`, 'overlaps with another')
}
