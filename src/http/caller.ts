/**
 * Who is calling: client address, scheme and host, from the socket or from proxies that are trusted by
 * network. What it decides it writes back over the forwarding headers, so that whoever reads them later
 * (Koa's and oidc-provider's `proxy: true`) reads our decision and never a stranger's claim.
 */
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

export interface Caller {
  /** The right-most address that no trusted proxy vouches for as one of its own. */
  readonly ip: string
  /** HTTPS at the client's end. */
  readonly secure: boolean
  /** As the client wrote it; undefined when there is none, or trusted proxies disagree. */
  readonly host: string | undefined
  /** The peer is a trusted proxy, or is nobody's proxy as far as its headers tell. */
  readonly direct: boolean
}

/**
 * @param networks CIDRs of the proxies whose forwarding headers count.
 * @returns settles a request's caller; to be called once, before anything reads the forwarding headers.
 */
export function createCallers(networks: readonly string[]): (req: IncomingMessage) => Caller {
  const isTrusted = createTrust(networks)
  // A proxy keeps its connections open; its address is judged once for each.
  const proxies = new WeakMap<Socket, boolean>()

  function isProxy(socket: Socket, address: string): boolean {
    if (networks.length === 0) return false
    let known = proxies.get(socket)
    if (known === undefined) {
      known = isTrusted(address)
      proxies.set(socket, known)
    }
    return known
  }

  return (req) => {
    const { socket, headers } = req
    const peer = plainAddress(socket.remoteAddress ?? '')
    const encrypted = (socket as TLSSocket).encrypted === true
    const forwarded = isForwarded(headers)

    if (!isProxy(socket, peer)) {
      if (forwarded) forget(headers)
      return { ip: peer, secure: encrypted, host: headers.host, direct: !forwarded }
    }

    const ip = clientAddress(peer, text(headers['x-forwarded-for']), isTrusted)
    const proto = text(headers['x-forwarded-proto'])
    const secure = proto === undefined ? encrypted : unanimous(proto)?.toLowerCase() === 'https'
    const host = text(headers['x-forwarded-host'])
    if (forwarded) forget(headers)
    headers['x-forwarded-for'] = ip
    headers['x-forwarded-proto'] = secure ? 'https' : 'http'
    return { ip, secure, host: host === undefined ? headers.host : unanimous(host), direct: true }
  }
}

/** Whether an address belongs to one of the networks. */
export function createTrust(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address)
    const width = family === 6 ? 128 : 32
    const prefix = bits === undefined ? width : Number(bits)
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > width) {
      throw new Error(`${JSON.stringify(network)} is not a network in CIDR notation`)
    }
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
  }
  return (address) => {
    const family = isIP(address)
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}

/**
 * Walks the hops from the right for as long as they are trusted. A hop that is no address ends the walk at
 * the last one that was: what stands left of it is a claim of nobody we trust.
 */
function clientAddress(
  peer: string,
  hops: string | undefined,
  isTrusted: (address: string) => boolean,
): string {
  let ip = peer
  for (const hop of (hops ?? '').split(',').reverse()) {
    const address = hopAddress(hop.trim())
    if (address === undefined) return ip
    ip = address
    if (!isTrusted(ip)) return ip
  }
  return ip
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function hopAddress(hop: string): string | undefined {
  const bare = /^(?:\[([^\]]+)\]|(\d[\d.]*))(?::\d{1,5})?$/.exec(hop)
  const address = plainAddress(bare?.[1] ?? bare?.[2] ?? hop)
  return isIP(address) !== 0 && !address.includes('%') ? address : undefined
}

/** An IPv4 address on a dual-stack socket reads `::ffff:192.0.2.1`. */
function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return mapped?.[1] ?? address
}

/** Of a list that several proxies wrote, the one value on which they all agree. */
function unanimous(list: string): string | undefined {
  const [first = '', ...rest] = list.split(',').map((item) => item.trim())
  return rest.every((item) => item === first) ? first : undefined
}

function isForwarded(headers: IncomingMessage['headers']): boolean {
  return forwarding.some((name) => headers[name] !== undefined)
}

function forget(headers: IncomingMessage['headers']): void {
  for (const name of forwarding) delete headers[name]
}

const forwarding = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded'] as const

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value
}
