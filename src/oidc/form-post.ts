/**
 * The library's own page that posts itself on (`response_mode=form_post`, and forms to our own endpoints),
 * said again as a page of ours: with words, without an inline script, and with a policy that lets it leave.
 */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { letFormsLeave } from '../http/http.ts'

export function createFormPost(options: {
  issuer: string
  page(ctx: KoaContextWithOIDC, view: string, locals: Record<string, unknown>): Promise<void>
}): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  return async function formPost(ctx, next) {
    await next()
    const form = typeof ctx.body === 'string' ? readForm(ctx.body) : undefined
    if (!form) return
    const { status } = ctx
    await options.page(ctx, 'flow/form-post', form)
    ctx.status = status
    if (!form.action.startsWith(`${options.issuer}/`)) letFormsLeave(ctx)
  }
}

const MARK = '<title>Submitting Callback</title>'

function readForm(html: string): { action: string; inputs: Record<string, string> } | undefined {
  if (!html.includes(MARK)) return undefined
  const action = /<form method="post" action="([^"]*)"/.exec(html)?.[1]
  if (action === undefined) return undefined
  const inputs = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"\/>/g)]
  return {
    action: decodeEntities(action),
    inputs: Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, decodeEntities(value)])),
  }
}

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#x27;': "'",
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39|#x27);/g, (entity) => ENTITIES[entity] ?? entity)
}
