/**
 * The security headers of every response, pages, protocol and errors alike. helmet decides what they are;
 * they are computed once, because they stand before every protocol request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context, Next } from 'koa'
import helmet from 'koa-helmet'
import { callerOf } from './request-state.ts'

const YEAR = 365 * 24 * 60 * 60

/** @param logo URL of the brand's logo; on another host, images may come from there. */
export function createSecurityHeaders(logo: string | undefined) {
  const decided = decide(logo)
  const plain = decided.filter(([name]) => name !== 'Strict-Transport-Security')

  return function secureHeaders(ctx: Context, next: Next): Promise<void> {
    const { res } = ctx
    // RFC 6797, 7.2: not over plain HTTP.
    for (const [name, value] of callerOf(ctx).secure ? decided : plain) res.setHeader(name, value)
    // Deny by default: who answers something that may be kept says so.
    res.setHeader('Cache-Control', 'no-store')
    return next()
  }
}

function decide(logo: string | undefined): [name: string, value: string][] {
  const self = ["'self'"]
  const logoOrigin = logo?.startsWith('https:') ? [new URL(logo).origin] : []
  const middleware = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: self,
        styleSrc: self,
        imgSrc: [...self, 'data:', ...logoOrigin],
        fontSrc: self,
        connectSrc: self,
        manifestSrc: self,
        formAction: self,
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'strict-origin' },
    strictTransportSecurity: { maxAge: YEAR, includeSubDomains: true },
    xFrameOptions: { action: 'deny' },
    // For Internet Explorer and Flash.
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
  })
  const headers: [string, string][] = []
  const recorder = {
    setHeader: (name: string, value: string) => headers.push([name, value]),
    removeHeader: () => {},
  }
  const ctx = { req: {}, res: recorder } as unknown as Context
  void middleware(ctx, async () => {})
  if (!headers.some(([name]) => name === CSP)) throw new Error('helmet set no Content-Security-Policy')
  return headers
}

const CSP = 'Content-Security-Policy'

type Exchange = { req: IncomingMessage; res: ServerResponse }

/**
 * Lets this response's forms lead out of the house: for a page with nothing but the one form that posts an
 * answer to its application. Chromium applies `form-action` to every redirect that follows (CSP3, 6.4.1), and
 * where the application sends people on from its callback nobody here can know.
 */
export function letFormsLeave({ res }: Exchange): void {
  const directives = String(res.getHeader(CSP)).split(';')
  res.setHeader(CSP, directives.filter((one) => !one.startsWith('form-action ')).join(';'))
}

/** For a page whose URL carries a secret. Its forms then post with `Origin: null`, which the CSRF check knows. */
export function hideReferrer({ res }: Exchange): void {
  res.setHeader('Referrer-Policy', 'no-referrer')
}
