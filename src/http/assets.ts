/**
 * Static files of `public/`, held in memory. Their URLs carry a hash of the whole folder, so that they may
 * be kept for a year and their references to each other stay relative.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Context, Next } from 'koa'
import { MaitredError } from '../errors.ts'
import { requestState } from './request-state.ts'

export interface Assets {
  /** The URL of a file, `asset('app.css')`. @throws when there is no such file. */
  asset(path: string): string
  serve(ctx: Context, next: Next): Promise<void>
}

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}
const compressible = new Set(['.css', '.js', '.svg', '.txt', '.webmanifest'])

interface File {
  readonly type: string
  readonly content: Buffer
  readonly etag: string
  readonly compressible: boolean
  gzipped?: Buffer
}

/** @param made texts that are served beside the folder's files, by name */
export function createAssets(folder: string, made: Readonly<Record<string, string>> = {}): Assets {
  const { files, version } = load(folder, made)
  const current = `/assets/${version}/`

  /** A page of an older or newer process may name another version; it gets the file, but not for long. */
  function find(path: string): { file: File | undefined; lasting: boolean } {
    if (path.startsWith(current)) return { file: files.get(path.slice(current.length)), lasting: true }
    const name = path.replace(/^\/(?:assets\/(?:[\da-f]{12}\/)?)?/, '')
    return { file: files.get(name), lasting: false }
  }

  return {
    asset(path) {
      if (!files.has(path)) throw new Error(`There is no asset ${JSON.stringify(path)}`)
      return current + path
    },
    async serve(ctx, next) {
      const { path, method } = ctx
      if (!path.startsWith('/assets/') && !atTheRoot.has(path)) return next()
      requestState(ctx).route = '/assets'
      const { file, lasting } = find(path)
      if (!file) throw new MaitredError('not_found')
      if (method !== 'GET' && method !== 'HEAD') {
        ctx.set('Allow', 'GET, HEAD')
        if (method !== 'OPTIONS') throw new MaitredError('method_not_allowed')
        ctx.status = 204
        return
      }
      ctx.set('Cache-Control', lasting ? 'public, max-age=31536000, immutable' : 'public, no-cache')
      ctx.set('ETag', file.etag)
      ctx.status = 200
      if (ctx.fresh) {
        ctx.status = 304
        return
      }
      ctx.set('Content-Type', file.type)
      if (!file.compressible) {
        ctx.body = file.content
        return
      }
      ctx.vary('Accept-Encoding')
      if (ctx.acceptsEncodings('gzip', 'identity') !== 'gzip') {
        ctx.body = file.content
        return
      }
      file.gzipped ??= gzipSync(file.content, { level: 9 })
      ctx.set('Content-Encoding', 'gzip')
      ctx.body = file.gzipped
    },
  }
}

/** What browsers ask for without being told. */
const atTheRoot = new Set(['/favicon.ico', '/robots.txt'])

function load(folder: string, made: Readonly<Record<string, string>>) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
  const contents = new Map(names.map((name) => [name, readFileSync(join(folder, name))]))
  for (const [name, text] of Object.entries(made)) contents.set(name, Buffer.from(text))

  const files = new Map<string, File>()
  const whole = createHash('sha256')
  for (const name of [...contents.keys()].sort()) {
    const content = contents.get(name) as Buffer
    const hash = createHash('sha256').update(content).digest('hex')
    whole.update(`${name}\0${hash}\n`)
    files.set(name, {
      type: types[extname(name)] ?? 'application/octet-stream',
      content,
      // Weak, because it stands for the compressed form as well.
      etag: `W/"${hash.slice(0, 16)}"`,
      compressible: compressible.has(extname(name)),
    })
  }
  return { files, version: whole.digest('hex').slice(0, 12) }
}
