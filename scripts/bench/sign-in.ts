/** A whole sign-in with a password, as a browser without scripts makes it. */
import {
  authorization,
  type Caller,
  codeIn,
  createJar,
  exchange,
  expectStatus,
  type Jar,
  type Reply,
  type Tokens,
} from './caller.ts'
import type { Offer } from './subject.ts'

let visits = 0

/** From the authorization request to tokens, by a browser that was never here. */
export async function signIn(
  caller: Caller,
  offer: Offer,
  clientId: 'kitchen' | 'lookup',
): Promise<{ jar: Jar; tokens: Tokens }> {
  visits += 1
  const jar = createJar()
  const address = `10.${(visits >> 16) & 255}.${(visits >> 8) & 255}.${visits & 255}`
  const identifier = offer.people[visits % offer.people.length] ?? ''

  async function visit(target: string, form?: string): Promise<Reply> {
    const posting = form === undefined ? {} : { origin: offer.issuer, 'sec-fetch-site': 'same-origin' }
    const headers = { accept: 'text/html', 'x-forwarded-for': address, ...jar.header(target), ...posting }
    const reply = await caller.send(form === undefined ? 'GET' : 'POST', target, headers, form)
    jar.keep(reply)
    return reply
  }

  const { target, verifier } = authorization(clientId)
  let reply = await visit(target)
  // Maitred answers with the page at once.
  if (reply.status !== 200) reply = expectStatus(await visit(onwards(reply)), 200)
  const { action, hidden } = formIn(reply)
  const form = new URLSearchParams({ ...hidden, identifier, password: offer.password })
  reply = await visit(action, String(form))
  for (let hops = 0; hops < 5; hops += 1) {
    const location = onwards(reply)
    const code = codeIn(location)
    if (code !== undefined) return { jar, tokens: await exchange(caller, offer, clientId, code, verifier) }
    reply = await visit(location)
  }
  throw new Error('a sign-in without an end')
}

/** Where the browser goes next: by a redirect, or by a page that goes on by itself. */
export function onwards({ status, headers, body }: Reply): string {
  const meta = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(body)?.[1]
  const location = headers.location ?? (meta && decode(meta))
  if (!location) throw new Error(`${status} leads nowhere: ${body.slice(0, 2_000)}`)
  return location
}

function formIn({ body }: Reply): { action: string; hidden: Record<string, string> } {
  const action = decode(/<form\b[^>]*action="([^"]*)"/.exec(body)?.[1] ?? '')
  const end = body.indexOf('</form>')
  const inputs = body.slice(body.indexOf('<form'), end).matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)
  const pairs = [...inputs].map(([input]) => [
    /name="([^"]*)"/.exec(input)?.[1] ?? '',
    decode(/value="([^"]*)"/.exec(input)?.[1] ?? ''),
  ])
  return { action, hidden: Object.fromEntries(pairs) }
}

function decode(text: string): string {
  const codes = text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
  return codes.replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}
