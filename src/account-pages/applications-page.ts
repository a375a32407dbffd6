/** What one has allowed to which application; withdrawn, it loses all that it got. */
import { z } from 'zod'
import type { Apis, Applications, Consent, Consents } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import { scopesIn, scopeTitle } from '../flow/flow.ts'
import { readForm } from '../http/http.ts'
import type { Endings } from '../oidc/oidc.ts'
import { BatchError, type Store } from '../storage/storage.ts'
import type { Visit } from './gate.ts'
import type { AccountPage, Visits } from './visits.ts'

export interface ApplicationsPageOptions {
  visits: Visits
  store: Pick<Store, 'batch'>
  applications: Pick<Applications, 'get'>
  apis: Pick<Apis, 'get'>
  consents: Consents
  endings: Pick<Endings, 'applicationWrites'>
  wake(): void
}

const PATH = '/account/applications'
/** A session that ends meanwhile fails the batch; the next look no longer finds it. */
const TRIES = 5

const form = z.strictObject({ id: z.string().min(1).max(200) })

export function routeApplications(options: ApplicationsPageOptions): void {
  const { visits, store, applications, apis, consents, endings } = options

  async function lineOf({ t }: Visit, { application, scopes, claims, resources, givenAt }: Consent) {
    const found = await applications.get(application)
    const ofApis = await Promise.all(
      resources.map(async (resource) => {
        const known = (await apis.get(resource.api))?.scopes ?? []
        const given = known.filter(({ name }) => resource.scopes.includes(name))
        return given.map(({ name, description }) => description || scopeTitle(t, name))
      }),
    )
    return {
      id: application,
      name: found?.name ?? application,
      uri: found?.uri,
      scopes: [...scopesIn({ scopes, claims }).map((name) => scopeTitle(t, name)), ...ofApis.flat()],
      since: givenAt,
    }
  }

  const page: AccountPage = {
    path: PATH,
    async show(visit, again) {
      const all = await consents.list(visit.person._id)
      const lines = await Promise.all(all.map((consent) => lineOf(visit, consent)))
      lines.sort((a, b) => b.since.getTime() - a.since.getTime())
      await visits.render(visit, 'account/applications', { applications: lines }, again)
    },
  }

  async function withdraw(visit: Visit): Promise<void> {
    const { id } = await readForm(visit.ctx, form)
    const person = visit.person._id
    if (!(await consents.get(person, id))) throw new MaitredError('not_found')
    for (let tried = 1; ; tried++) {
      const writes = await endings.applicationWrites(person, id)
      try {
        await store.batch([
          consents.withdraw(person, id),
          ...writes,
          visits.record(visit, 'consent_withdrawn', { application: id }),
        ])
        break
      } catch (error) {
        if (!(error instanceof BatchError) || tried === TRIES) throw error
      }
    }
    options.wake()
    visits.done(visit, PATH, 'withdrawn')
  }

  visits.open(page)
  visits.act(`${PATH}/withdraw`, page, withdraw)
}
