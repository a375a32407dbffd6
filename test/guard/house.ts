/** What the guard's tests share: a real Maitred, tokens that it signed or that somebody forged, and guarded servers. */
import { generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose'
import type * as client from 'openid-client'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { API, type Cast, relyingParty, seedRestaurant, signIn } from '../support/restaurant.ts'

export interface House {
  app: RunningApp
  cast: Cast
  kitchen: client.Configuration
  /** Moves Maitred's clock, in milliseconds. */
  shift(by: number): void
  /** Ada's tokens from a real sign-in. */
  tokens(): Promise<{ access: string; id: string; refresh: string }>
  /** A token that Maitred's own key signed, with these changes; `undefined` leaves a claim out. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
}

export async function openHouse(): Promise<House> {
  const [engine] = engines()
  if (!engine) throw new Error('no engine')
  let offset = 0
  const app = await startApp(engine, { now: () => new Date(Date.now() + offset) })
  const cast = await seedRestaurant(app)
  const kitchen = await relyingParty(app, 'kitchen', cast.secret)
  return {
    app,
    cast,
    kitchen,
    shift(by) {
      offset = by
    },
    async tokens() {
      const { tokens } = await signIn(app, kitchen)
      return {
        access: tokens.access_token,
        id: String(tokens.id_token),
        refresh: String(tokens.refresh_token),
      }
    },
    async sign(claims = {}, header = {}) {
      const [jwk] = app.keys.jwks().keys.filter(({ alg }) => alg === 'ES256')
      if (!jwk?.kid) throw new Error('no key')
      return new SignJWT(claimsWith(app.url, claims))
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: jwk.kid, ...header })
        .sign(await importJWK(jwk, 'ES256'))
    },
  }
}

/** What a good token says, with changes. */
export function claimsWith(issuer: string, changes: Record<string, unknown>): JWTPayload {
  const now = Math.floor(Date.now() / 1_000)
  const claims = {
    iss: issuer,
    sub: 'somebody',
    aud: API,
    client_id: 'kitchen',
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 300,
    roles: ['waiter', 'manager'],
    permissions: ['shifts.update'],
    ...changes,
  }
  return JSON.parse(JSON.stringify(claims))
}

/** A key that is nobody's. */
export async function strangersKey(): Promise<CryptoKey> {
  return (await generateKeyPair('ES256', { extractable: true })).privateKey
}

/** `fetch` that counts, fails while `down`, and says nothing more once it `hangs`. */
export function countingFetch() {
  const counted = Object.assign(
    async (...request: Parameters<typeof fetch>) => {
      counted.urls.push(String(request[0]))
      if (counted.hangs) return new Promise<Response>(() => {})
      if (counted.down) throw new TypeError('fetch failed')
      return fetch(...request)
    },
    { urls: [] as string[], down: false, hangs: false },
  )
  return counted
}
