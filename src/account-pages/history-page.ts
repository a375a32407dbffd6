/** Every sign-in to one's account, and every attempt. */
import type { Applications } from '../applications/applications.ts'
import type { Events, HistoryEntry } from '../events/events.ts'
import { deviceText, isTextKey } from '../locale/locale.ts'
import type { Visit } from './gate.ts'
import type { Visits } from './visits.ts'

export interface HistoryPageOptions {
  visits: Visits
  events: Pick<Events, 'history'>
  applications: Pick<Applications, 'get'>
}

const PATH = '/account/history'
const PAGE = 20

export function routeHistory({ visits, events, applications }: HistoryPageOptions): void {
  async function lineOf({ t }: Visit, { at, outcome, device, ip, application, method }: HistoryEntry) {
    const found = application === undefined ? undefined : await applications.get(application)
    const key = `account.method.${method}`
    return {
      at,
      outcome,
      device: deviceText(t, device) || t('account.device.unknown'),
      ip,
      application: found?.name,
      method: isTextKey(key) ? t(key) : method,
    }
  }

  async function show(visit: Visit): Promise<void> {
    const after = readMark(visit.ctx.query.after)
    const found = await events.history(visit.person._id, { limit: PAGE + 1, after })
    const page = found.slice(0, PAGE)
    const last = page.at(-1)
    await visits.render(visit, 'account/history', {
      entries: await Promise.all(page.map((entry) => lineOf(visit, entry))),
      olderUrl: found.length > PAGE && last ? `${PATH}?after=${last.at.getTime()}.${last.id}` : undefined,
      newestUrl: after ? PATH : undefined,
    })
  }

  visits.open({ path: PATH, show })
}

/** The last entry of the page before; anything else means the newest page. */
function readMark(typed: unknown): { at: Date; id: string } | undefined {
  const [, at, id] = /^(\d{1,15})\.([\w-]{1,100})$/.exec(typeof typed === 'string' ? typed : '') ?? []
  return at && id ? { at: new Date(Number(at)), id } : undefined
}
