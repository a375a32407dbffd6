/** Where a sign-in may return to: a page of the account itself, never another site. */

/** Nothing that a browser and a server could read differently: backslash, control, encoded slash or dot. */
const AMBIGUOUS = /[\\\p{Cc}\s]|%(?:2f|5c|2e|0\d|1\d|7f)/iu
const LONGEST = 1_000

/**
 * @param path as it was sent
 * @returns the same, when the URL Standard's parser finds in it exactly this path under `/account` here
 */
export function returnPath(path: string, issuer: string): string | undefined {
  if (path.length > LONGEST || !/^\/account(?:[/?]|$)/.test(path)) return undefined
  const [pathname = ''] = path.split('?', 1)
  if (AMBIGUOUS.test(pathname) || AMBIGUOUS.test(path.slice(0, 2)) || !URL.canParse(path, issuer))
    return undefined
  const { origin, pathname: parsed, search } = new URL(path, issuer)
  return origin === issuer && parsed === pathname && path === pathname + search ? path : undefined
}
