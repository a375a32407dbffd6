import { isIPv6 } from 'node:net'

/**
 * What of an address is counted: IPv4 whole, of IPv6 the /64, which is the least that one customer has
 * (RFC 6177). Two spellings of one network give one key.
 */
export function addressKey(ip: string): string {
  if (!isIPv6(ip)) return ip
  const [head = '', tail = ''] = ip.toLowerCase().split('%', 1).join('').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  // A dotted tail stands for two groups.
  const width = right.length + (right.at(-1)?.includes('.') ? 1 : 0)
  const groups = ip.includes('::')
    ? [...left, ...Array(Math.max(0, 8 - left.length - width)).fill('0'), ...right]
    : left
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
