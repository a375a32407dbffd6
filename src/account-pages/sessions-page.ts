/** Where one is signed in; ends one session, all others, or this one. */
import type { Router } from '@koa/router'
import { z } from 'zod'
import type { SessionDocument, Sessions } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { readForm, type Shell } from '../http/http.ts'
import { deviceText } from '../locale/locale.ts'
import type { Endings } from '../oidc/oidc.ts'
import type { Store } from '../storage/storage.ts'
import type { Visit } from './gate.ts'
import { redirect } from './redirect.ts'
import type { AccountPage, Visits } from './visits.ts'

export interface SessionsPageOptions {
  visits: Visits
  shell: Pick<Shell, 'page'> & { router: Router }
  store: Pick<Store, 'batch'>
  sessions: Sessions
  endings: Pick<Endings, 'endSession'>
  events: Pick<Events, 'record'>
}

const PATH = '/account/sessions'
const SIGNED_OUT = '/account/signed-out'

const one = z.strictObject({ id: z.string().min(1).max(100) })
const empty = z.strictObject({})

export function routeSessions(options: SessionsPageOptions): void {
  const { visits, shell, store, sessions, endings } = options

  const page: AccountPage = {
    path: PATH,
    async show(visit, again) {
      const all = (await sessions.list(visit.person._id)).map((found) => lineOf(visit, found))
      all.sort((a, b) => Number(b.current) - Number(a.current))
      await visits.render(visit, 'account/sessions', { sessions: all }, again)
    },
  }

  async function endOne(visit: Visit): Promise<void> {
    const { id } = await readForm(visit.ctx, one)
    const session = await sessions.get(id)
    // Whose session it is, is not told: another person's is as good as none.
    if (!session || session.person !== visit.person._id) throw new MaitredError('not_found')
    await endings.endSession(session, [visits.record(visit, 'session_ended')])
    visits.done(visit, PATH, 'ended')
  }

  async function endOthers(visit: Visit): Promise<void> {
    await readForm(visit.ctx, empty)
    const { person, session } = visit
    // More than the page lists, and each by itself: a batch has an end.
    const others = (await sessions.all(person._id)).filter(({ _id }) => _id !== session.uid)
    for (const other of others) await endings.endSession(other)
    if (others.length > 0) {
      const detail = { sessions: String(others.length) }
      await store.batch([visits.record(visit, 'session_ended', { detail })])
    }
    visits.done(visit, PATH, 'ended')
  }

  async function signOut(visit: Visit): Promise<void> {
    await readForm(visit.ctx, empty)
    const session = await sessions.get(visit.session.uid)
    if (session) await endings.endSession(session, [visits.record(visit, 'sign_out')])
    redirect(visit.ctx, SIGNED_OUT)
  }

  visits.open(page)
  visits.act(`${PATH}/end`, page, endOne)
  visits.act(`${PATH}/end-others`, page, endOthers)
  visits.act('/account/sign-out', page, signOut)
  shell.router.get(SIGNED_OUT, (ctx) => shell.page(ctx, 'flow/signed-out'))
}

function lineOf({ t, session, person }: Visit, found: SessionDocument) {
  const { _id: id, device, ip, startedAt, lastUsedAt, amr = [] } = found
  const named = deviceText(t, device) || t('account.device.unknown')
  // It opens nothing before the second step is done; until then whoever sits there has the password alone.
  const unfinished = person.totp !== undefined && !amr.includes('mfa')
  return { id, device: named, ip, startedAt, lastUsedAt, current: id === session.uid, unfinished }
}
