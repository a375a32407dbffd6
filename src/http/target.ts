/** Judges a request's target before anything parses it (RFC 9112, 3.2). */
import type { Context, Next } from 'koa'
import { MaitredError } from '../errors.ts'

// Visible ASCII without `#`, which is never sent, and `\`, which browsers and parsers read differently.
const visible = /^\/[\x21\x22\x24-\x5b\x5d-\x7e]*$/

/** 400 for a target that no route could mean; `http://host/path` becomes its path once the host is the issuer's. */
export function createTargetCheck(issuer: string): (ctx: Context, next: Next) => Promise<void> {
  return function checkTarget(ctx, next) {
    const { req } = ctx
    const target = originForm(req.url ?? '', issuer)
    if (target === undefined) throw new MaitredError('misdirected')
    if (target !== '*' && !isSound(target)) throw new MaitredError('bad_request')
    if (target !== req.url) ctx.originalUrl = req.url = target
    return next()
  }
}

/** @returns undefined for a proxy's absolute-form of another host */
function originForm(url: string, issuer: string): string | undefined {
  if (!/^https?:/i.test(url)) return url
  if (!URL.canParse(url)) return ''
  const { origin, pathname, search } = new URL(url)
  return origin === issuer ? pathname + search : undefined
}

function isSound(target: string): boolean {
  if (!visible.test(target) || target.startsWith('//')) return false
  if (!target.includes('%')) return true
  try {
    return !decodeURIComponent(target).includes('\0')
  } catch {
    return false
  }
}
