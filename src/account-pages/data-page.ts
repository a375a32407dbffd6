/** Takes one's data along, and ends the account with all that hangs on it. */
import type { Router } from '@koa/router'
import { z } from 'zod'
import { type Accounts, type Person, sessionCollection } from '../accounts/accounts.ts'
import type { Consents } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { readForm, type Shell } from '../http/http.ts'
import type { BrowserSessions, Endings } from '../oidc/oidc.ts'
import type { Administrators } from '../orgs/orgs.ts'
import { BatchError, type Store, type Write } from '../storage/storage.ts'
import type { Gate, Visit } from './gate.ts'
import { collectOwnData, type OwnDataOptions } from './own-data.ts'
import type { AccountPage, Visits } from './visits.ts'

export interface DataPageOptions extends OwnDataOptions {
  visits: Visits
  gate: Gate
  shell: Pick<Shell, 'page'> & { router: Router }
  store: Pick<Store, 'batch'>
  accounts: Pick<Accounts, 'remove'>
  consents: Consents
  events: Events
  endings: Pick<Endings, 'personWrites'>
  browserSessions: Pick<BrowserSessions, 'hold'>
  administrators: Administrators
  /** Makes every token of the person invalid at once, as data. */
  revokeTokens(person: string): Write
  /** What further rooms keep of a person. */
  forget(person: string): Write[]
  wake(): void
}

const PATH = '/account/data'
const DOWNLOAD = '/account/data/download'

const form = z.strictObject({ confirm: z.literal('yes', 'error.field.deletion') })

export function routeData(options: DataPageOptions): void {
  const { visits, gate, shell, store, accounts, consents, sessions, events } = options

  const page: AccountPage = {
    path: PATH,
    async show(visit, again) {
      const [all, apps] = await Promise.all([
        sessions.list(visit.person._id),
        consents.list(visit.person._id),
      ])
      await visits.render(visit, 'account/data', { sessions: all.length, applications: apps.length }, again)
    },
  }

  async function download(visit: Visit): Promise<void> {
    if (!gate.confirm(visit, { to: `${PATH}?done=confirmed`, back: PATH })) return
    const { ctx, person, now } = visit
    const data = await collectOwnData(options, person, now)
    await store.batch([visits.record(visit, 'data_downloaded')])
    ctx.attachment(`account-${now.toISOString().slice(0, 10)}.json`)
    ctx.type = 'application/json; charset=utf-8'
    ctx.body = `${JSON.stringify(data, undefined, 2)}\n`
  }

  async function remove(visit: Visit): Promise<void> {
    await readForm(visit.ctx, form)
    if (!gate.confirm(visit, { to: `${PATH}?done=confirmed`, back: PATH })) return
    const app = await visits.wayBack(visit)
    await erase(visit)
    options.wake()
    await events.forget(visit.person._id)
    await shell.page(visit.ctx, 'account/deleted', {
      app,
      signUpUrl: (await gate.isSignUpOpen()) ? '/signup' : undefined,
    })
  }

  async function erase(visit: Visit): Promise<void> {
    const { person } = visit
    const also = [
      options.browserSessions.hold(visit.session),
      ...(await successionOf(person)),
      ...(await options.endings.personWrites(person._id)),
      { in: sessionCollection, remove: { person: person._id } },
      options.revokeTokens(person._id),
      consents.forget(person._id),
      ...options.forget(person._id),
      visits.record(visit, 'account_deleted'),
    ]
    try {
      await accounts.remove(person, also)
    } catch (cause) {
      if (!(cause instanceof BatchError)) throw cause
      throw new MaitredError('conflict', { cause })
    }
  }

  async function successionOf(person: Person): Promise<Write[]> {
    try {
      return await options.administrators.succession(person)
    } catch (cause) {
      if (!(cause instanceof MaitredError) || cause.code !== 'conflict') throw cause
      throw new MaitredError('invalid_form', { fields: { confirm: 'error.lastAdministrator' }, cause })
    }
  }

  visits.open(page)
  visits.open({ path: DOWNLOAD, show: download })
  visits.act(`${PATH}/delete`, page, remove)
}
