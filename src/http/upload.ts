/** Reads a form with one file (`multipart/form-data`, RFC 7578) into memory. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Busboy } from 'busboy'
import { MaitredError } from '../errors.ts'
import { declaredLength, malformed, requireType, tooLarge } from './body.ts'
import { checkCsrfToken, checkSameOrigin } from './csrf.ts'
import { addField, type Fields } from './fields.ts'

const fieldBytes = 16 * 1024
const fieldCount = 20

/**
 * @param maxBytes of the file; its name and its declared type are a stranger's claim and are not handed on.
 * @throws MaitredError `csrf`, `bad_request`, `too_large`, `unsupported_media_type`
 */
export async function readUpload(
  ctx: { req: IncomingMessage; res: ServerResponse },
  { maxBytes }: { maxBytes: number },
): Promise<{ fields: Record<string, string>; file?: Buffer }> {
  const { req } = ctx
  checkSameOrigin(ctx)
  requireType(req, 'multipart/form-data')
  if (declaredLength(req) > maxBytes + fieldCount * fieldBytes)
    throw tooLarge(req, `more than ${maxBytes} bytes`)
  const { fields, file } = await parse(req, maxBytes)
  const { _csrf, ...rest } = fields
  checkCsrfToken(ctx, _csrf)
  return { fields: rest, ...(file && { file }) }
}

async function parse(req: IncomingMessage, maxBytes: number): Promise<{ fields: Fields; file?: Buffer }> {
  const parser = await openParser(req, maxBytes)
  return new Promise((resolve, reject) => {
    const fields: Fields = Object.create(null)
    let file: Buffer | undefined

    function refuse(error: unknown): void {
      req.unpipe(parser)
      req.resume()
      parser.removeAllListeners()
      // What it says after we have turned away is nobody's error.
      parser.on('error', () => {})
      parser.destroy()
      reject(error instanceof MaitredError ? error : new MaitredError('bad_request', { cause: error }))
    }
    const tooMany = () => refuse(tooLarge(req, 'more fields or files than one form has'))

    parser.on('field', (name, value, info) => {
      try {
        if (info.nameTruncated || info.valueTruncated) throw tooLarge(req, 'a field is too long')
        // busboy puts U+FFFD where the bytes are no UTF-8.
        if (name.includes('\uFFFD') || value.includes('\uFFFD')) throw malformed('a field is no UTF-8')
        addField(fields, name, value)
      } catch (error) {
        refuse(error)
      }
    })
    parser.on('file', (_name, stream) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('limit', () => refuse(tooLarge(req, `more than ${maxBytes} bytes`)))
      stream.on('error', refuse)
      stream.on('end', () => {
        // An empty file input sends an empty part.
        if (chunks.length > 0) file = Buffer.concat(chunks)
      })
    })
    parser.on('fieldsLimit', tooMany).on('filesLimit', tooMany).on('partsLimit', tooMany)
    parser.on('error', refuse)
    parser.on('close', () => resolve({ fields, ...(file && { file }) }))
    req.once('aborted', () => refuse(malformed('the body broke off')))
    req.pipe(parser)
  })
}

async function openParser(req: IncomingMessage, maxBytes: number): Promise<Busboy> {
  // Not at start: it serves one page.
  const { default: busboy } = await import('busboy')
  try {
    return busboy({
      headers: req.headers,
      limits: {
        fieldNameSize: 100,
        fieldSize: fieldBytes,
        fields: fieldCount,
        // busboy calls it a limit when the last byte is reached, and not only when it is passed.
        fileSize: maxBytes + 1,
        files: 1,
        parts: fieldCount + 1,
        headerPairs: 20,
      },
    })
  } catch (cause) {
    throw new MaitredError('bad_request', { cause })
  }
}
