/**
 * The kitchen rota: a small program that somebody else runs, asked over HTTP who should work when. It keeps nothing,
 * so asking it twice does no harm. It knows nothing of the back office; Maitred's tokens are all that they share.
 */
import { setTimeout as wait } from 'node:timers/promises'
import Router from '@koa/router'
import Koa, { type Context, HttpError, type Middleware } from 'koa'
import { type Guarded, koaGuard } from 'maitred/guard'
import { listen } from '../listen.ts'
import { type Behaviour, lies, tell } from './behaviour.ts'
import { question } from './question.ts'
import { schedule } from './schedule.ts'

export type { Behaviour } from './behaviour.ts'

/** What Maitred calls this API: tokens for another are refused. */
export const ROTA_API = 'https://rota.bella-napoli.example'

export interface RotaOptions {
  issuer: string
  /** 0 takes any free port. */
  port: number
  /** Where to listen; default 127.0.0.1. */
  host?: string
  behaviour?: Behaviour
  fetch?: typeof globalThis.fetch
}

export interface RotaProgram {
  name: string
  url: string
  /** May be set at any time; it counts from the next question. */
  behaviour: Behaviour
  /** How many questions were heard, answered or not. */
  readonly asked: number
  close(): Promise<void>
}

const SLOW_MS = 30_000
const MAX_BYTES = 1_000_000

export async function startRota({ port, host, behaviour = 'well', ...o }: RotaOptions) {
  const guard = koaGuard({ ...o, audience: ROTA_API })
  const ending = new AbortController()
  let asked = 0
  let liesTold = 0

  const router = new Router<Guarded>()
  router.post('/schedule', guard.requireScope('rota.schedule', { machine: true }), async (ctx) => {
    asked += 1
    const { behaviour: now } = program
    if (now === 'down') return hangUp(ctx)
    if (now === 'slow') await wait(SLOW_MS, undefined, { signal: ending.signal })
    const checked = question.safeParse(await readJson(ctx))
    if (!checked.success) return problem(ctx, 422, 'This cannot be scheduled', checked.error.issues)
    const answer = schedule(checked.data)
    if (now === 'well' || now === 'slow') {
      ctx.body = answer
      return
    }
    const lie = now === 'wrong' ? (lies[liesTold++ % lies.length] ?? 'nonsense') : now
    ctx.type = 'json'
    ctx.body = tell(lie, checked.data, answer)
  })

  const app = new Koa()
  app.use(answerErrors)
  app.use(guard.metadata)
  app.use(router.routes())
  app.use(router.allowedMethods())

  const place = await listen({ port, host })
  place.serve(app.callback())

  const program: RotaProgram = {
    name: 'Bella Napoli – Kitchen rota',
    url: place.url,
    behaviour,
    get asked() {
      return asked
    },
    close() {
      ending.abort()
      return place.close()
    },
  }
  return program
}

/** As a program does that was killed in the middle: no answer at all. */
function hangUp(ctx: Context): void {
  ctx.respond = false
  ctx.req.socket.destroy()
}

async function readJson(ctx: Context): Promise<unknown> {
  if (!ctx.is('json')) ctx.throw(415, 'Send application/json')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) ctx.throw(413, `Send at most ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return ctx.throw(400, 'This is not JSON')
  }
}

const answerErrors: Middleware = async (ctx, next) => {
  try {
    await next()
    if (ctx.status === 404 && ctx.body == null) problem(ctx, 404, 'There is nothing at this address')
  } catch (error) {
    if (ctx.req.socket.destroyed) return
    const known = error instanceof HttpError && error.expose
    if (!known) ctx.app.emit('error', error, ctx)
    problem(ctx, known ? error.status : 500, known ? error.message : 'Something broke')
  }
}

/** RFC 9457. */
function problem(
  ctx: Context,
  status: number,
  title: string,
  issues: readonly { path: PropertyKey[]; message: string }[] = [],
): void {
  const errors = issues.map(({ path, message }) => ({ field: path.join('.'), message }))
  ctx.status = status
  ctx.body = { status, title, ...(errors.length > 0 && { errors }) }
  ctx.type = 'application/problem+json'
}
