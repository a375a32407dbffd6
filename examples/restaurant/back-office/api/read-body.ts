/** Reads JSON from a request, within limits. */
import type { IncomingMessage } from 'node:http'
import { Problem } from './problem.ts'

const types = ['application/json', 'application/merge-patch+json']

/** @throws Problem 415, 413, 400 */
export async function readJson(req: IncomingMessage, mostBytes: number): Promise<unknown> {
  const type = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!types.includes(type)) {
    req.resume()
    throw new Problem(415, 'The body must be application/json.', { headers: { Accept: types.join(', ') } })
  }
  const bytes = await readBytes(req, mostBytes)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new Problem(400, 'The body is no JSON.', { cause })
  }
}

async function readBytes(req: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      size += chunk.length
      if (size > most) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw new Problem(400, 'The body broke off.', { cause })
  }
  if (size <= most) return Buffer.concat(chunks)
  // Read to the end and dropped, so that the answer reaches a client that is still sending.
  req.resume()
  throw new Problem(413, `The body is larger than ${most} bytes.`)
}
