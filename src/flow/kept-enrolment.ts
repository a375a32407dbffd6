/**
 * An enrolment under way survives a reload: the key that is offered, and then the recovery codes, until they are
 * saved. A phone drops the page while its authenticator app is open, and what the app has by then must still be
 * right. They lie in the browser, sealed, for ten minutes since they were last shown.
 */
import type { Context } from 'koa'
import { cookieName, readCookie, requestState } from '../http/http.ts'
import type { Vault } from '../keys/keys.ts'
import type { Totp, TotpOffer } from '../plugins/plugins.ts'

const PURPOSE = 'kept-enrolment'
const MINUTES = 10

/** What is sealed. */
interface Kept {
  path: string
  person: string
  until: number
  offer?: string
  codes?: string[]
}

/** Where it is kept, and for whom: a cookie from elsewhere offers nobody a key that a stranger knows. */
export interface KeptAt {
  /** Of the pages that show it: the browser sends it to these alone. */
  path: string
  person: string
  /** Whose codes they are, as the authenticator app shows it. */
  label: string
}

export interface KeptEnrolment {
  /** The offer that was shown here before, or a new one. */
  offer(ctx: Context, at: KeptAt): TotpOffer
  /** The offer that a form has brought back, to be shown once more. @throws MaitredError `expired` for what is none */
  offerAgain(ctx: Context, at: KeptAt, sealed: string): TotpOffer
  /** The key has done its work, and codes take its place: for the answer that redirects to the page of the codes. */
  keepCodes(ctx: Context, at: Omit<KeptAt, 'label'>, codes: readonly string[]): void
  /** The codes, as long as nobody has saved them. */
  codes(ctx: Context, at: Omit<KeptAt, 'label'>): string[] | undefined
  /** They are saved, or there is nothing more to show. */
  forget(ctx: Context, at: Pick<KeptAt, 'path'>): void
}

export function createKeptEnrolment(o: {
  issuer: string
  /** The name that the authenticator app shows. */
  brand: string
  vault: Pick<Vault, 'sealValue' | 'openValue'>
  totp: Pick<Totp, 'begin' | 'resume'>
}): KeptEnrolment {
  const { issuer, brand, vault, totp } = o
  const secure = issuer.startsWith('https:')
  // `__Host-` wants the path of the whole host.
  const cookie = secure ? '__Secure-maitred-enrolment' : cookieName(issuer, 'enrolment')

  function setCookie(ctx: Context, path: string, value: string | null): void {
    // Koa would refuse Secure behind a proxy it does not know; the shell has settled the scheme before.
    ctx.cookies.secure = secure
    const options = { httpOnly: true, sameSite: 'lax', secure, path, overwrite: true } as const
    ctx.cookies.set(cookie, value, { ...options, ...(value !== null && { maxAge: MINUTES * 60_000 }) })
  }

  function keep(
    ctx: Context,
    { path, person }: Omit<KeptAt, 'label'>,
    kept: Pick<Kept, 'offer' | 'codes'>,
  ): void {
    const until = requestState(ctx).now.getTime() + MINUTES * 60_000
    setCookie(ctx, path, vault.sealValue(PURPOSE, { path, person, until, ...kept } satisfies Kept))
  }

  function read(ctx: Context, { path, person }: Omit<KeptAt, 'label'>): Kept | undefined {
    const kept = vault.openValue(PURPOSE, readCookie(ctx.req, cookie)) as Kept | undefined
    const isOurs = kept?.path === path && kept.person === person
    return isOurs && kept.until > requestState(ctx).now.getTime() ? kept : undefined
  }

  function offerAgain(ctx: Context, at: KeptAt, sealed: string): TotpOffer {
    const offer = totp.resume(sealed, { issuer: brand, label: at.label })
    keep(ctx, at, { offer: sealed })
    return offer
  }

  return {
    offerAgain,
    offer(ctx, at) {
      const sealed = read(ctx, at)?.offer
      if (sealed !== undefined) return offerAgain(ctx, at, sealed)
      const offer = totp.begin({ issuer: brand, label: at.label })
      keep(ctx, at, { offer: offer.sealed })
      return offer
    },
    keepCodes: (ctx, at, codes) => keep(ctx, at, { codes: [...codes] }),
    codes: (ctx, at) => read(ctx, at)?.codes,
    forget: (ctx, { path }) => setCookie(ctx, path, null),
  }
}
