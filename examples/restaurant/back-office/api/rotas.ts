/** `/rotas`: who works when, for a whole week, as the kitchen rota proposes it. Whoever asks may wait, or be told. */
import type { Write } from 'maitred/storage'
import { z } from 'zod'
import { addDays } from '../../calendar.ts'
import { type Rota, rotaMode, rotaStatus, rotas, shifts, staff } from '../documents.ts'
import { faultOf, type RotaQuestion } from '../rota-desk/rota-answer.ts'
import type { RotaDesk } from '../rota-desk/rota-desk.ts'
import { rotaQuestion } from '../rota-desk/rota-question.ts'
import { RotaUnavailable } from '../rota-desk/rota-unavailable.ts'
import { scheduleTask, sentenceFor } from '../rota-desk/worker.ts'
import { decide, namingWrite } from './deciding.ts'
import { momentAnswer, pageFields } from './fields.ts'
import { fieldProblem, Problem } from './problem.ts'
import { created, found, pageOf, pageSchema, shown, tagOf } from './resource.ts'
import { type Kit, type Route, staffRoute } from './route.ts'
import { weekField } from './shifts.ts'
import { overlap, spanOnDay } from './working-hours.ts'

const rotaAnswer = z
  .object({
    id: z.string(),
    week: z.string(),
    askedBy: z.string().meta({ description: 'A member of the staff' }),
    mode: rotaMode,
    status: rotaStatus,
    attempts: z.int().meta({ description: 'How often the kitchen rota was asked' }),
    assignments: z.array(z.object({ shift: z.string(), staff: z.string() })).optional(),
    unfilled: z.array(z.string()).optional().meta({ description: 'Shifts that nobody can take' }),
    problem: z.string().optional().meta({ description: 'What went wrong at the last attempt' }),
    acceptedAt: momentAnswer.optional().meta({ description: 'When it was written into the shifts' }),
    createdAt: momentAnswer,
    updatedAt: momentAnswer,
  })
  .meta({ id: 'Rota' })

function rotaView(rota: Rota): z.infer<typeof rotaAnswer> {
  const { _id: id, week, askedBy, mode, status, attempts, assignments, unfilled, problem, acceptedAt } = rota
  return {
    id,
    week,
    askedBy,
    mode,
    status,
    attempts,
    ...(assignments && { assignments }),
    ...(unfilled && { unfilled }),
    ...(problem !== undefined && { problem }),
    ...(acceptedAt && { acceptedAt: acceptedAt.toISOString() }),
    createdAt: rota.createdAt.toISOString(),
    updatedAt: rota.updatedAt.toISOString(),
  }
}

/** Seconds after which looking again is worth it. */
const LOOK_AGAIN = { 'Retry-After': '2' }

export function rotaRoutes({ store, now, newId }: Kit, desk: RotaDesk): Route[] {
  return [
    staffRoute({
      method: 'post',
      path: '/rotas',
      permission: 'rota.ask',
      summary: 'Have a rota made for a week',
      description:
        'Shifts that were given to somebody by hand stay theirs. With `Prefer: respond-async` (RFC 7240) nobody waits: the answer is 202, `Location` says where to look, and whoever asked is told by mail.',
      headers: { Prefer: '`respond-async`: do not wait' },
      body: z.strictObject({ week: weekField }),
      answer: rotaAnswer,
      alternatives: { 202: { summary: 'It will be made; look at `Location`', answer: rotaAnswer } },
      refusals: [503],
      async handle({ body: { week }, me, restaurant, requestId, header }) {
        const at = now()
        const dates = { createdAt: at, updatedAt: at, version: 1 }
        const asked = { _id: newId(), restaurant, week, askedBy: me._id, requestId, ...dates }
        const question = await rotaQuestion(store, restaurant, week)
        if (question.shifts.length === 0) throw fieldProblem('week', 'has no shift to fill')

        if (prefersAsync(header('prefer'))) {
          const rota: Rota = { ...asked, mode: 'async', status: 'waiting', attempts: 0 }
          await store.batch([{ in: rotas, insert: rota }, desk.tasks.write(scheduleTask(rota))])
          desk.tasks.wake()
          const accepted = created('/rotas', rota, rotaView)
          const headers = { ...accepted.headers, ...LOOK_AGAIN, 'Preference-Applied': 'respond-async' }
          return { ...accepted, status: 202, headers }
        }

        const answer = await desk.client.schedule(question, { requestId }).catch(refuse)
        const rota: Rota = { ...asked, mode: 'sync', status: 'done', attempts: 1, ...answer }
        await store.collection(rotas).insert(rota)
        return created('/rotas', rota, rotaView)
      },
    }),
    staffRoute({
      method: 'get',
      path: '/rotas',
      permission: 'rota.ask',
      summary: 'The rotas that were asked for, newest first',
      query: z.strictObject({ ...pageFields, week: weekField.optional() }),
      answer: pageSchema(rotaAnswer),
      handle: ({ own, query }) =>
        pageOf(own(rotas), query.week === undefined ? {} : { week: query.week }, {
          query,
          sort: { field: 'createdAt', order: 'desc', moments: true },
          view: rotaView,
        }),
    }),
    staffRoute({
      method: 'get',
      path: '/rotas/{id}',
      permission: 'rota.ask',
      summary: 'A rota, or how far it has come',
      answer: rotaAnswer,
      async handle({ own, id }) {
        const rota = found(await own(rotas).get(id))
        const isMoving = rota.status === 'waiting' || rota.status === 'working'
        return { headers: { ETag: tagOf(rota), ...(isMoving && LOOK_AGAIN) }, body: rotaView(rota) }
      },
    }),
    staffRoute({
      method: 'post',
      path: '/rotas/{id}/accept',
      permission: 'rota.ask',
      summary: 'Write a rota into the shifts',
      description:
        'All of it or nothing: 409 when shifts, people or their times have changed since it was made.',
      status: 200,
      answer: rotaAnswer,
      refusals: [404, 409],
      handle: ({ own, id, restaurant }) =>
        decide(async () => {
          const rota = found(await own(rotas).get(id))
          if (rota.status !== 'done') throw new Problem(409, 'This rota is not made yet.')
          if (rota.acceptedAt !== undefined) return shown(rota, rotaView)
          const question = await rotaQuestion(store, restaurant, rota.week)
          const at = now()
          const update = { _id: id, restaurant, version: rota.version }
          const change = { $set: { acceptedAt: at, updatedAt: at }, $inc: { version: 1 } }
          await store.batch([...(await writesFor(rota, question)), { in: rotas, update, change }])
          return shown({ ...rota, acceptedAt: at, updatedAt: at, version: rota.version + 1 }, rotaView)
        }),
    }),
  ]

  /** What accepting changes, each guarded by what was read. @throws Problem 409 when the rota fits no more */
  async function writesFor(rota: Rota, { people, shifts: open }: RotaQuestion): Promise<Write[]> {
    const { restaurant, assignments = [], unfilled = [] } = rota
    const named = new Set([...assignments.map(({ shift }) => shift), ...unfilled])
    const meant = open.filter(({ id }) => named.has(id))
    if (faultOf({ people, shifts: meant }, { assignments, unfilled }) !== undefined) throw outdated()

    const [first = '', last = first] = [meant[0]?.day, meant.at(-1)?.day]
    const day = { $gte: addDays(first, -1), $lte: addDays(last, 1) }
    const near = await store.collection(shifts).find({ restaurant, day })
    const workers = new Map(assignments.map(({ shift, staff }) => [shift, staff]))
    const others = near.filter(({ _id }) => !named.has(_id))
    const writes = near
      .filter(({ _id }) => named.has(_id))
      .map((shift): Write => {
        const worker = workers.get(shift._id)
        const span = spanOnDay(shift.day, shift)
        const isTaken = others.some(
          (other) => other.staff === worker && overlap(span, spanOnDay(other.day, other)),
        )
        if (worker !== undefined && isTaken) throw outdated()
        const update = { _id: shift._id, restaurant, version: shift.version }
        const $inc = { version: 1 }
        if (worker !== undefined)
          return { in: shifts, update, change: { $set: { staff: worker, rota: rota._id }, $inc } }
        return { in: shifts, update, change: { $unset: { staff: true, rota: true }, $inc } }
      })

    const ids = [...new Set(workers.values())]
    const members = await store.collection(staff).find({ restaurant, _id: { $in: ids } })
    return [...members.map((member) => namingWrite(staff, member, now())), ...writes]
  }
}

function outdated(): Problem {
  return new Problem(
    409,
    'Shifts, people or their times have changed since this rota was made. Have a new one made.',
  )
}

/** Nothing was changed, and the words say what can be done instead. The log has the rest, by the request's id. */
function refuse(error: unknown): never {
  if (!(error instanceof RotaUnavailable)) throw error
  const advice =
    error.trouble === 'refused'
      ? 'Look whether the shifts of that week are as you mean them.'
      : 'Try again soon, or have it made while you do something else: you will be told by mail.'
  throw new Problem(503, `${sentenceFor(error)} ${advice}`, {
    code: 'rota_unavailable',
    headers: { 'Retry-After': String(error.retryAfter) },
  })
}

function prefersAsync(prefer: string): boolean {
  return prefer.split(',').some((one) => one.split(';')[0]?.trim().toLowerCase() === 'respond-async')
}
