/**
 * A session's protocol part, field by field: a request writes what it changed and nothing else, so that two
 * requests of one session do not undo each other, and an ended session stays ended.
 */
import { isDeepStrictEqual } from 'node:util'
import type { SessionDocument } from '../accounts/accounts.ts'
import type { Change } from '../storage/storage.ts'
import { isOffline } from './offline.ts'
import type { Payload } from './request.ts'

/** What the library keeps of a session per application. */
export interface SessionAuthorization {
  grantId?: string
  sid?: string
}

type Authorizations = Record<string, SessionAuthorization>

/** A client id may hold what a path may not. */
export function authorizationKey(clientId: string): string {
  return clientId.replaceAll('%', '%25').replaceAll('.', '%2E').replaceAll('$', '%24')
}

/** By client id. */
export function authorizationsOf({ protocol }: Pick<SessionDocument, 'protocol'>): Authorizations {
  const stored = Object.entries((protocol.authorizations ?? {}) as Authorizations)
  return Object.fromEntries(stored.map(([key, value]) => [decodeURIComponent(key), value]))
}

/** A grant with `offline_access` was consented to outlive its session. */
export function isOfflineGrant(grant: Payload | undefined): boolean {
  return isOffline((grant?.openid as { scope?: string } | undefined)?.scope)
}

/** The protocol part as it is stored. */
export function storedProtocol(protocol: Payload): Payload {
  const { authorizations, ...rest } = JSON.parse(JSON.stringify(protocol)) as Payload
  if (!authorizations) return rest
  const stored = Object.entries(authorizations as Authorizations).map(
    ([id, value]) => [authorizationKey(id), value] as const,
  )
  return { ...rest, authorizations: Object.fromEntries(stored) }
}

/** What differs, but for when it was last used; `undefined` when nothing does. */
export function differenceOf(before: SessionDocument, after: SessionDocument): Change | undefined {
  const $set: Record<string, unknown> = {}
  const $unset: Record<string, true> = {}
  const compare = (path: string, old: unknown, now: unknown): void => {
    if (isEqual(old, now)) return
    if (now === undefined) $unset[path] = true
    else $set[path] = now
  }
  const eachOf = (path: string, old: Payload = {}, now: Payload = {}): void => {
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      compare(`${path}.${key}`, old[key], now[key])
    }
  }
  for (const name of [
    'key',
    'person',
    'amr',
    'acr',
    'authTime',
    'passwordSetAt',
    'device',
    'ip',
    'startedAt',
    'expires',
  ] as const) {
    compare(name, before[name], after[name])
  }
  const { authorizations: oldOnes, ...oldRest } = before.protocol
  const { authorizations: newOnes, ...newRest } = after.protocol
  eachOf('protocol', oldRest, newRest)
  if (!oldOnes && newOnes) $set['protocol.authorizations'] = newOnes
  else eachOf('protocol.authorizations', oldOnes as Payload, newOnes as Payload)
  eachOf('grants', before.grants, after.grants)
  const isChanged = Object.keys($set).length + Object.keys($unset).length > 0
  return isChanged ? { $set, ...(Object.keys($unset).length > 0 && { $unset }) } : undefined
}

/** A field that is there with nothing in it is as good as absent. */
function isEqual(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b) || isDeepStrictEqual(withoutAbsent(a), withoutAbsent(b))
}

function withoutAbsent(value: unknown): unknown {
  return value instanceof Date || value === undefined ? value : JSON.parse(JSON.stringify(value))
}
