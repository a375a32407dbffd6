/** From a browser's cookie to who is signed in, and new tokens before the old ones end. */
import type { Context } from 'koa'
import { createPendingSignIns } from './pending-sign-ins.ts'
import { createSessions, type Session } from './sessions.ts'
import type { SignIn } from './sign-in.ts'

export type SessionKeeper = ReturnType<typeof createSessionKeeper>

/** Tokens with less than this left are renewed before they are used. */
const ENOUGH_MS = 30_000

export function createSessionKeeper(o: { signIn: SignIn; cookie: string; now: () => Date }) {
  const { signIn, cookie, now } = o
  const sessions = createSessions()
  const cookieOptions = { httpOnly: true, sameSite: 'lax', overwrite: true } as const

  /**
   * New tokens in place of these. Whoever asks while a refresh is on its way waits for that one: a refresh token
   * is good for one use, and a second use looks like theft.
   */
  async function renew(session: Session, accessToken = session.tokens.accessToken): Promise<boolean> {
    if (session.tokens.accessToken !== accessToken) return true
    session.refreshing ??= refresh(session).finally(() => delete session.refreshing)
    return session.refreshing
  }

  async function refresh(session: Session): Promise<boolean> {
    const tokens = await signIn.refresh(session.tokens)
    if (!tokens) return false
    session.tokens = tokens
    session.profile = await signIn.profile(tokens)
    return true
  }

  const known = (ctx: Context) => sessions.get(ctx.cookies.get(cookie))

  return {
    renew,

    /** The session of this browser as it is. */
    known,

    /** The session of this browser, with tokens that are still good, or `undefined`. */
    async current(ctx: Context): Promise<Session | undefined> {
      const session = known(ctx)
      if (!session || session.tokens.expiresAt > now().getTime() + ENOUGH_MS) return session
      if (await renew(session)) return session
      sessions.close(ctx.cookies.get(cookie))
      return undefined
    },

    open(ctx: Context, session: Session): void {
      ctx.cookies.set(cookie, sessions.open(session), cookieOptions)
    },

    end(ctx: Context): Session | undefined {
      const session = known(ctx)
      sessions.close(ctx.cookies.get(cookie))
      ctx.cookies.set(cookie, null, cookieOptions)
      return session
    },

    endedElsewhere: sessions.endedElsewhere,

    ...createPendingSignIns({ cookie, now }),
  }
}
