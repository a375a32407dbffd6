/** What the application may see and do, in words and with the person's own values. */
import { z } from 'zod'
import type { Person } from '../accounts/accounts.ts'
import type { Allowed, Apis, Consents } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { readForm } from '../http/http.ts'
import { isTextKey, type Translate } from '../locale/locale.ts'
import type { Store } from '../storage/storage.ts'
import { originOf } from './sign-in-record.ts'
import type { Flow, Step } from './step.ts'

export interface ConsentOptions {
  store: Store
  consents: Consents
  apis: Apis
  events: Events
  /** What the person's roles are called. */
  roleTitles(person: Person): readonly string[]
}

const form = z.strictObject({})

export function consent(options: ConsentOptions): Step {
  const { store, consents, apis, events } = options

  async function show(flow: Flow): Promise<void> {
    const { person, missing, application } = flow
    if (!person || !missing) throw new MaitredError('expired')
    const own = scopesIn(missing).map((name) => ({
      name,
      ...scopeWords(flow.t, name, person, options.roleTitles(person)),
    }))
    const ofApis = await Promise.all(
      missing.resources.map(async ({ api, scopes }) => {
        const known = new Map(
          (await apis.get(api))?.scopes.map(({ name, description }) => [name, description]),
        )
        return scopes
          .filter((name) => known.has(name))
          .map((name) => ({ name, title: known.get(name) || scopeTitle(flow.t, name) }))
      }),
    )
    const name = [person.firstName, person.lastName].filter(Boolean).join(' ')
    await flow.page('flow/consent', {
      action: flow.url('consent'),
      denyAction: flow.url('cancel'),
      person: { name, email: person.email ?? person.username },
      scopes: [...own, ...ofApis.flat()],
      maker: application.maker,
    })
  }

  async function submit(flow: Flow): Promise<void> {
    const { person, missing, application, ctx } = flow
    if (!person || !missing) throw new MaitredError('expired')
    await readForm(ctx, form)
    const before = await consents.get(person._id, application._id)
    await store.batch([
      consents.allow(person._id, application._id, before, missing),
      events.record({
        type: 'consent_given',
        person: person._id,
        application: application._id,
        origin: originOf(ctx),
        detail: { scopes: missing.scopes.join(' ') },
      }),
    ])
    await flow.next({ consented: true })
  }

  return { name: 'consent', due: ({ missing }) => missing !== undefined, show, submit }
}

/** What a scope allows, in a few words. */
export function scopeTitle(t: Translate, scope: string): string {
  const title = `flow.scope.${scope}.title`
  return isTextKey(title) ? t(title) : t('flow.scope.other.title', { name: scope })
}

/** A claim that is asked for by its name is told in the words of its scope (OpenID Connect Core 1.0 §5.4, §5.5). */
export function scopesIn({ scopes, claims }: Pick<Allowed, 'scopes' | 'claims'>): string[] {
  const ofClaims = claims.map((claim) => /^(email|phone|address|roles)(_|$)/.exec(claim)?.[1] ?? 'profile')
  return [...new Set([...scopes, ...ofClaims])]
}

function scopeWords(
  t: Translate,
  scope: string,
  person: Person,
  roles: readonly string[],
): { title: string; detail?: string } {
  const title = scopeTitle(t, scope)
  if (!isTextKey(`flow.scope.${scope}.title`)) return { title }
  const fixed = `flow.scope.${scope}.detail`
  const values: Record<string, string | undefined> = {
    profile: [person.firstName, person.lastName].filter(Boolean).join(' '),
    email: person.email,
    phone: person.phone,
    address: Object.values(person.address ?? {}).join(', '),
    roles: roles.length > 0 ? roles.join(', ') : t('flow.scope.roles.none'),
  }
  const detail = isTextKey(fixed) ? t(fixed) : values[scope] || t('flow.scope.missing')
  return { title, detail }
}
