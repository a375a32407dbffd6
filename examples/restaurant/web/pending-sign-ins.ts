/**
 * Sign-ins on their way to the provider and back. Each lies sealed in the browser that began it, not in our memory:
 * a stranger who begins sign-ins all day takes nobody else's place.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Context } from 'koa'
import { z } from 'zod'
import type { Pending } from './sign-in.ts'

const LIFE_MS = 60 * 60_000
const NONCE = 12
const TAG = 16

const schema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string(),
  until: z.number(),
})

export function createPendingSignIns({ cookie, now }: { cookie: string; now: () => Date }) {
  // As long-lived as the sessions: a restart ends both.
  const key = randomBytes(32)
  const options = { httpOnly: true, sameSite: 'lax', overwrite: true, path: '/callback' } as const
  const nameOf = (state: string): string => `${cookie}-${state}`

  function seal(text: string): string {
    const nonce = randomBytes(NONCE)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    )
  }

  function open(sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url')
    if (bytes.length < NONCE + TAG) return undefined
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG })
    decipher.setAuthTag(bytes.subarray(-TAG))
    try {
      return decipher.update(bytes.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8')
    } catch {
      // Not ours, or from before a restart.
      return undefined
    }
  }

  return {
    /** Remembers a sign-in that begins in this browser. */
    begin(ctx: Context, pending: Pending): void {
      // What a cookie cannot hold is not worth a way back.
      const returnTo = pending.returnTo.length > 1_000 ? '/' : pending.returnTo
      const sealed = seal(JSON.stringify({ ...pending, returnTo, until: now().getTime() + LIFE_MS }))
      ctx.cookies.set(nameOf(pending.state), sealed, { ...options, maxAge: LIFE_MS })
    },

    /** The sign-in that an answer with this state belongs to, if this browser began it; the browser forgets it. */
    resume(ctx: Context, state: string | null): Pending | undefined {
      if (!state || !/^[\w-]{1,100}$/.test(state)) return undefined
      const sealed = ctx.cookies.get(nameOf(state))
      const text = sealed && open(sealed)
      if (!text) return undefined
      ctx.cookies.set(nameOf(state), null, options)
      const { until, ...pending } = schema.parse(JSON.parse(text))
      return pending.state === state && until > now().getTime() ? pending : undefined
    },
  }
}
