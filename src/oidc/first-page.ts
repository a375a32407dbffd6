/**
 * An authorization request that begins a sign-in is answered with the page itself, and not with the way to it: one round
 * trip less before anybody can type. The page is the same under its own address, where its forms lead.
 */
import type { Context } from 'koa'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { stepOfPrompt } from './policy.ts'
import { seenAs } from './seen-as.ts'

/** @param show answers with the page of the interaction that the request, seen as one for the page, holds */
export function createFirstPage(
  show: (ctx: Context) => Promise<void>,
): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  return async function firstPage(ctx, next) {
    // What can be asked for once has no page to look at again.
    if (ctx.path !== '/auth' || 'posted' in ctx.query || 'request_uri' in ctx.query) return next()
    await next()
    const location = ctx.response.get('Location')
    if (!location?.startsWith('/flow/')) return
    // Other steps hold what a request made anew would not find: the key of a second factor, a mailed code.
    const { Interaction: interaction } = ctx.oidc.entities
    if (!interaction || stepOfPrompt(interaction.prompt.name) !== 'identify') return
    const given = [ctx.response.headers['set-cookie'] ?? []].flat()
    const cookies = given.map((line) => String(line).split(';', 1)[0] ?? '')
    ctx.remove('Location')
    await seenAs(ctx.req, { url: location, cookies }, () => show(ctx))
  }
}
