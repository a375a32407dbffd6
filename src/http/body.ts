/** Reads a request's body as bytes, up to a limit, and what all kinds of bodies refuse. */
import type { IncomingMessage } from 'node:http'
import { MaitredError } from '../errors.ts'

/** At most this many fields in a body, and this deep: a parser's work is a stranger's to choose. */
export const maxFields = 1_000
export const maxDepth = 20

/**
 * @param limit bytes
 * @throws MaitredError `too_large`; `bad_request` when the client breaks off
 */
export async function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  if (declaredLength(req) > limit) throw tooLarge(req, `more than ${limit} bytes`)
  const chunks: Buffer[] = []
  let size = 0
  await new Promise<void>((resolve, reject) => {
    req.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else settle(tooLarge(req, `more than ${limit} bytes`))
    })
    req.on('end', () => settle())
    req.on('error', (cause) => settle(new MaitredError('bad_request', { cause })))
    req.on('close', () => settle(malformed('the body broke off')))

    function settle(error?: MaitredError): void {
      req.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close')
      if (error) reject(error)
      else resolve()
    }
  })
  return Buffer.concat(chunks, size)
}

/** What is left of the body is read and dropped, so that the answer reaches a client that is still sending. */
export function tooLarge(req: IncomingMessage, reason: string): MaitredError {
  req.resume()
  return new MaitredError('too_large', { cause: new Error(reason) })
}

export function malformed(reason: string): MaitredError {
  return new MaitredError('bad_request', { cause: new Error(reason) })
}

export function declaredLength(req: IncomingMessage): number {
  return Number(req.headers['content-length'] ?? 0)
}

/** Whether a request brings a body (RFC 9112 §6), if only an unreadable one. */
export function hasBody({ req }: { req: IncomingMessage }): boolean {
  return declaredLength(req) !== 0 || req.headers['transfer-encoding'] !== undefined
}

/** @throws MaitredError `unsupported_media_type` unless the body is of that type. */
export function requireType(req: IncomingMessage, type: string): void {
  const given = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (given !== type) {
    throw new MaitredError('unsupported_media_type', {
      cause: new Error(`${given || 'nothing'} for ${type}`),
    })
  }
}

/** @throws MaitredError `bad_request` on broken UTF-8. */
export function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new MaitredError('bad_request', { cause })
  }
}
