/** `/staff`: who works in the restaurant. Only whoever holds `staff.update` changes it. */
import { BatchError, DuplicateKeyError } from 'maitred/storage'
import { z } from 'zod'
import { availability, job, type StaffMember, shifts, staff, transactions } from '../documents.ts'
import { searchTerms } from '../search-terms.ts'
import { emailField, momentAnswer, phoneField, searchFields, text } from './fields.ts'
import type { Membership } from './membership.ts'
import { fieldProblem, Problem } from './problem.ts'
import {
  changed,
  changeOf,
  created,
  found,
  matched,
  pageOf,
  pageSchema,
  patched,
  shown,
  stale,
} from './resource.ts'
import { type Kit, type Route, staffRoute } from './route.ts'

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

const newMember = z.strictObject({
  email: emailField,
  firstName: text(60),
  lastName: text(60),
  phone: phoneField.optional(),
  job,
  active: z.boolean().default(true),
})

const patch = z
  .strictObject({
    email: emailField,
    firstName: text(60),
    lastName: text(60),
    phone: phoneField.nullable(),
    job,
    active: z.boolean(),
  })
  .partial()

export const staffAnswer = z
  .object({
    id: z.string(),
    restaurant: z.string(),
    email: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    phone: z.string().optional(),
    job,
    active: z.boolean(),
    /** Whether the person has been here, so that the document is theirs. */
    linked: z.boolean(),
    createdAt: momentAnswer,
    updatedAt: momentAnswer,
  })
  .meta({ id: 'StaffMember' })

export function staffView(member: StaffMember): z.infer<typeof staffAnswer> {
  const { _id, restaurant, email, firstName, lastName, phone, job, active, sub, createdAt, updatedAt } =
    member
  return {
    id: _id,
    restaurant,
    email,
    firstName,
    lastName,
    ...(phone !== undefined && { phone }),
    job,
    active,
    linked: sub !== undefined,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

export function staffRoutes({ store, now, newId }: Kit, { forgetStrangers }: Membership): Route[] {
  return [
    staffRoute({
      method: 'get',
      path: '/staff',
      permission: 'staff.read',
      summary: 'Who works here, by last name',
      query: z.strictObject({ ...searchFields, job: job.optional(), active: flag.optional() }),
      answer: pageSchema(staffAnswer),
      async handle({ own, query }) {
        const { job, active } = query
        const match = { ...(job && { job }), ...(active !== undefined && { active }) }
        return pageOf(own(staff), match, {
          query,
          sort: { field: 'lastName', order: 'asc' },
          view: staffView,
        })
      },
    }),
    staffRoute({
      method: 'post',
      path: '/staff',
      permission: 'staff.update',
      summary: 'Take somebody on',
      description: 'Whoever signs in with this email, verified, is this member of the staff from then on.',
      body: newMember,
      answer: staffAnswer,
      async handle({ restaurant, body }) {
        const at = now()
        const search = searchTerms(body)
        const member: StaffMember = {
          _id: newId(),
          restaurant,
          ...body,
          search,
          createdAt: at,
          updatedAt: at,
          version: 1,
        }
        await orEmailTaken(store.collection(staff).insert(member))
        forgetStrangers()
        return created('/staff', member, staffView)
      },
    }),
    staffRoute({
      method: 'get',
      path: '/staff/{id}',
      permission: 'staff.read',
      summary: 'Somebody who works here',
      answer: staffAnswer,
      async handle({ own, id }) {
        return shown(found(await own(staff).get(id)), staffView)
      },
    }),
    staffRoute({
      method: 'patch',
      path: '/staff/{id}',
      permission: 'staff.update',
      summary: 'Change what is known of somebody',
      body: patch,
      answer: staffAnswer,
      async handle(call) {
        const { own, id, body, me } = call
        const member = await matched(call, staff)
        if (id === me._id && body.active === false)
          throw fieldProblem('active', 'nobody locks themselves out', 409)
        const change = changeOf(body, { updatedAt: now(), search: searchTerms(patched(member, body)) })
        const match = { _id: id, version: member.version }
        const after = changed(await orEmailTaken(own(staff).update(match, change)))
        forgetStrangers()
        return shown(after, staffView)
      },
    }),
    staffRoute({
      method: 'delete',
      path: '/staff/{id}',
      permission: 'staff.update',
      summary: 'Remove somebody who was never on a bill or a shift',
      description: 'Whoever was is set to `active: false` instead: their bills keep their name.',
      async handle(call) {
        const { own, id, me, restaurant } = call
        const member = await matched(call, staff)
        if (id === me._id) throw new Problem(409, 'Nobody removes themselves.')
        const [bills, onShift] = await Promise.all([
          own(transactions).count({ staff: id }),
          own(shifts).count({ staff: id }),
        ])
        if (bills + onShift > 0) throw new Problem(409, `They are on ${bills} bills and ${onShift} shifts.`)
        const { version, namedAt = { $exists: false } } = member
        try {
          await store.batch([
            { in: staff, take: { _id: id, restaurant, version, namedAt } },
            { in: availability, remove: { _id: id } },
          ])
        } catch (error) {
          if (error instanceof BatchError) throw stale()
          throw error
        }
        return {}
      },
    }),
  ]
}

async function orEmailTaken<T>(write: Promise<T>): Promise<T> {
  try {
    return await write
  } catch (error) {
    if (error instanceof DuplicateKeyError) throw fieldProblem('email', 'is somebody else’s already', 409)
    throw error
  }
}
