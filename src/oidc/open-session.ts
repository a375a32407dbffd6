/**
 * Sessions that begin outside of a browser's authorization: `POST /login`. They are listed and ended like all
 * others; the token carries the session's uid as `sid`, and no cookie opens them.
 */
import { type Person, type SessionDocument, type Sessions, sessionCollection } from '../accounts/accounts.ts'
import type { Application } from '../applications/applications.ts'
import type { Config } from '../config.ts'
import { acrOf } from '../flow/flow.ts'
import { randomToken, type SigningKeys, sha256 } from '../keys/keys.ts'
import type { Roles } from '../orgs/orgs.ts'
import type { Store, Write } from '../storage/storage.ts'
import type { Endings } from './endings.ts'
import { createIssuer } from './issue.ts'
import type { Payload } from './request.ts'
import { authorizationKey } from './session-fields.ts'
import { lifeUntil } from './session-life.ts'
import type { SessionTrail } from './session-trail.ts'
import { expiry } from './token-adapter.ts'

export interface OpenSession {
  person: Person
  application: Application
  amr: string[]
  origin: { ip: string; device: string }
  rev: number
  /** Written with the session: the trail of the sign-in. */
  also: Write[]
}

export interface OpenerOptions {
  config: Config
  store: Store
  now: () => Date
  keys: SigningKeys
  roles: Roles
  sessions: Sessions
  endings: Endings
  ended: SessionTrail
}

export function createOpener(options: OpenerOptions): {
  open(about: OpenSession): Promise<{ jwt: string; expiresIn: number }>
  end(claims: Payload): Promise<void>
} {
  const { config, store, now, keys, roles, sessions, endings } = options
  const { issuer, lifetimes, algorithms } = config
  const tokens = createIssuer({
    issuer,
    algorithm: algorithms.accessToken,
    accessToken: lifetimes.accessToken,
    now,
    keys: () => keys.jwks().keys,
  })

  return {
    async open({ person, application, amr, origin, rev, also }) {
      const [uid, gid] = [randomToken(16), randomToken(16)]
      const authTime = now()
      const acr = acrOf(amr)
      const session: SessionDocument = {
        _id: uid,
        key: sha256(randomToken()),
        person: person._id,
        amr,
        acr,
        authTime,
        ...(person.password && { passwordSetAt: person.password.changedAt }),
        protocol: { authorizations: { [authorizationKey(application._id)]: { grantId: gid, sid: uid } } },
        grants: {},
        device: origin.device,
        ip: origin.ip,
        startedAt: authTime,
        lastUsedAt: authTime,
        // No refresh token comes of it: it lasts as long as its token.
        ...lifeUntil(expiry(authTime, lifetimes.accessToken), authTime, undefined),
      }
      await store.batch([{ in: sessionCollection, insert: session }, ...also])
      const effective = roles.effective(person)
      const api = application.api ?? `${issuer}/api`
      const rights = { roles: effective.roles, permissions: effective.permissionsFor(api) }
      return tokens.issue({ person, application, rights, amr, acr, authTime, gid, sid: uid, rev })
    },

    async end(claims) {
      const session = typeof claims.sid === 'string' ? await sessions.get(claims.sid) : undefined
      if (session && session.person === claims.sub) {
        await endings.endSession(session, options.ended(session))
        return
      }
      if (typeof claims.gid === 'string') await endings.revokeGrant(claims.gid)
    },
  }
}
