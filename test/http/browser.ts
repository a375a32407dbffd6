/** What a browser keeps of a page with a form: its CSRF cookie and token. */
import type { Open, Sent } from './open-shell.ts'

export async function getToken(
  shell: Open,
  path: string,
  sent?: Sent,
): Promise<{ cookie: string; token: string }> {
  const { headers, text } = await shell.send(path, sent)
  const token = /name="_csrf" value="([^"]*)"/.exec(text)?.[1]
  const cookie = String(headers['set-cookie'] ?? '').split(';', 1)[0]
  if (!token || !cookie) throw new Error(`No form on ${path}: ${text}`)
  return { cookie, token }
}
