/**
 * A POST from another site to the authorization or end-session endpoint carries no Lax cookie: the session
 * would seem to be gone (the library therefore wants SameSite=None for it, which we refuse). The request is
 * stored once and answered with a 303 to a GET, which carries the cookie (OpenID Connect Core 1.0 §3.1.2.1).
 */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { addressKey, decodeUtf8, type Limits, readBody, requestState } from '../http/http.ts'
import { randomToken, type Vault } from '../keys/keys.ts'
import type { Store } from '../storage/storage.ts'
import { tokenCollection, tokenId } from './token-document.ts'

const KIND = 'PostedRequest'
const SECONDS = 60
const MOST_BYTES = 16 * 1024
/** Anybody may leave such a request here: so many of one address lie here at once. */
const PER_ADDRESS = 60

export function createPosted(options: {
  store: Store
  now: () => Date
  /** What was posted may hold an ID token. */
  vault: Pick<Vault, 'seal' | 'open'>
  limits: Pick<Limits, 'take'>
  /** The endpoints that take a form from other sites. */
  paths: readonly string[]
}): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  const { store, now, vault, limits, paths } = options
  const tokens = store.collection(tokenCollection)
  return async function posted(ctx, next) {
    if (!paths.includes(ctx.path)) return next()
    if (ctx.method === 'POST' && ctx.is('application/x-www-form-urlencoded')) {
      const source = addressKey(requestState(ctx).ip)
      await limits.take(`posted:${source}`, { max: PER_ADDRESS, windowSeconds: SECONDS })
      const id = randomToken()
      const body = decodeUtf8(await readBody(ctx.req, MOST_BYTES))
      await tokens.insert({
        _id: tokenId(KIND, id),
        kind: KIND,
        payload: { sealed: vault.seal('posted', body) },
        expires: new Date(now().getTime() + SECONDS * 1000),
      })
      ctx.status = 303
      ctx.redirect(`${ctx.path}?posted=${id}`)
      return
    }
    if (ctx.method === 'GET' && typeof ctx.query.posted === 'string') {
      const taken = await tokens.take({ _id: tokenId(KIND, ctx.query.posted) })
      const sealed = taken?.payload.sealed
      ctx.querystring = typeof sealed === 'string' ? vault.open('posted', sealed) : ''
    }
    return next()
  }
}
