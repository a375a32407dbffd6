/**
 * A cookie comes along whoever made the browser send the request, so with a token from one only pages of this
 * origin, and of those named, may change anything.
 */
import type { GuardedRequest } from './guarded-request.ts'
import { Refusal } from './refusal.ts'

const harmless = new Set(['GET', 'HEAD', 'OPTIONS'])

/** @throws Refusal `cross_site_request`. A program that is no browser sends neither header, and no foreign page moves it. */
export function refuseCrossSite({ method, headers }: GuardedRequest, origins: ReadonlySet<string>): void {
  if (harmless.has(method)) return
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  if (site === 'same-origin' || site === 'none' || (origin && origins.has(origin))) return
  if (!origin && !site) return
  throw new Refusal('cross_site_request', 'A page of another site may not change anything with this cookie')
}
