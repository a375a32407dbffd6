/** Reads a form that may bring one file (`multipart/form-data`, RFC 7578) into memory. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Busboy } from 'busboy'
import type { z } from 'zod'
import { MaitredError } from '../errors.ts'
import { declaredLength, malformed, tooLarge } from './body.ts'
import { checkCsrfToken, checkSameOrigin } from './csrf.ts'
import { addField, type Fields } from './fields.ts'
import { holdTyped, keepTyped, readForm } from './form.ts'

const fieldBytes = 16 * 1024
const fieldCount = 20
/** Of a body that is read to its end for what was typed beside a file that is too large. */
const mostBytes = 32 * 1024 * 1024

interface Parsed {
  fields: Fields
  file?: Buffer
  isTooLarge: boolean
}

/**
 * Without a file it may be urlencoded, as every other form.
 * @param maxBytes of the file; its name and its declared type are a stranger's claim and are not handed on.
 * @throws MaitredError `csrf`, `bad_request`, `too_large`, `unsupported_media_type`, and `invalid_form` with its fields
 */
export async function readUpload<T>(
  ctx: { req: IncomingMessage; res: ServerResponse },
  schema: z.ZodType<T>,
  { maxBytes }: { maxBytes: number },
): Promise<{ data: T; file?: Buffer }> {
  const { req } = ctx
  if (!req.headers['content-type']?.toLowerCase().startsWith('multipart/form-data'))
    return { data: await readForm(ctx, schema) }
  checkSameOrigin(ctx)
  if (declaredLength(req) > mostBytes) throw tooLarge(req, `more than ${mostBytes} bytes`)
  const { fields, file, isTooLarge } = await parse(req, maxBytes)
  const { _csrf, ...rest } = fields
  checkCsrfToken(ctx, _csrf)
  keepTyped(ctx, rest)
  if (isTooLarge) throw tooLarge(req, `more than ${maxBytes} bytes`)
  return { data: holdTyped(ctx, rest, schema), ...(file && { file }) }
}

async function parse(req: IncomingMessage, maxBytes: number): Promise<Parsed> {
  const parser = await openParser(req, maxBytes)
  return new Promise((resolve, reject) => {
    const fields: Fields = Object.create(null)
    let file: Buffer | undefined
    let isTooLarge = false
    let size = 0

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
    // Also of a body that says nothing of its length.
    req.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > mostBytes && size - chunk.length <= mostBytes)
        refuse(tooLarge(req, `more than ${mostBytes} bytes`))
    })
    parser.on('file', (_name, stream, { filename }) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('limit', () => {
        isTooLarge = true
        chunks.length = 0
        stream.resume()
      })
      stream.on('error', refuse)
      stream.on('end', () => {
        // An empty file input sends an empty part without a name.
        if (chunks.length > 0 || filename) file = Buffer.concat(chunks)
      })
    })
    parser.on('fieldsLimit', tooMany).on('filesLimit', tooMany).on('partsLimit', tooMany)
    parser.on('error', refuse)
    parser.on('close', () => resolve({ fields, isTooLarge, ...(file && { file }) }))
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
