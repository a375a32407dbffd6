/** Which addresses an application may have. */

/** RFC 8252, section 7.3: plain HTTP never leaves the machine there. */
function isLoopback({ hostname }: URL): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}

function parse(text: string): URL | undefined {
  const isClean = /^[\x21-\x7e]+$/.test(text) && !text.includes('\\')
  const url = isClean && URL.canParse(text) ? new URL(text) : undefined
  // What stands before an @ only serves to make a stranger's host look like ours.
  return url && url.username === '' && url.password === '' ? url : undefined
}

/** HTTPS, or HTTP on a loopback. */
export function isWebUri(text: string): boolean {
  const url = parse(text)
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url))
}

/** As `isWebUri`, or a private-use scheme in reverse domain order (RFC 8252, section 7.1); no fragment. */
export function isRedirectUri(text: string): boolean {
  const scheme = parse(text)?.protocol.slice(0, -1) ?? ''
  return !text.includes('#') && (isWebUri(text) || /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+$/.test(scheme))
}

export function isOrigin(text: string): boolean {
  return isWebUri(text) && new URL(text).origin === text
}

/** RFC 8707, section 2: absolute and without a fragment. */
export function isResource(text: string): boolean {
  return parse(text) !== undefined && !text.includes('#')
}
