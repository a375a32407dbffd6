/**
 * Requests that Maitred makes because somebody else named an address (JWKS, back-channel logout). The
 * library refuses special-use addresses at the socket; only hosts that the configuration names may be private.
 */
import type { Configuration } from 'oidc-provider'
import type { Config } from '../config.ts'

export function createOutgoing(
  config: Pick<Config, 'development' | 'privateAddresses'>,
): NonNullable<Configuration['fetch']> {
  return (url, options) => {
    const { hostname, protocol } = new URL(url instanceof Request ? url.url : url)
    const known = config.privateAddresses.includes(hostname) || (config.development && isLoopback(hostname))
    if (!known && protocol !== 'https:') throw new TypeError(`${protocol} is not used for outgoing requests`)
    if (!known) return fetch(url, options)
    // Without the library's dispatcher, which destroys sockets to private addresses.
    const { dispatcher: _, ...rest } = options as RequestInit & { dispatcher?: unknown }
    return fetch(url, rest)
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
