/**
 * The one writer of errors: a page or `application/problem+json` (RFC 9457) in the user's words, with a
 * reference code. The cause goes to the log under that code and never to the client.
 */
import type Koa from 'koa'
import type { Context, Next } from 'koa'
import type { Logger } from 'pino'
import { catalogue, type ErrorCode, MaitredError } from '../errors.ts'
import type { TextKey } from '../locale/locale.ts'
import type { Pages } from './pages.ts'
import { makeReference } from './reference.ts'
import { requestState } from './request-state.ts'
import { sentenceOf } from './sentence.ts'

export interface ErrorWriter {
  /** Answers with the error on this context, ours or the provider's. `backUrl` leads out of the dead end. */
  fail(ctx: Context, raised: unknown, backUrl?: string): void
  /** Middleware: what is thrown behind it is answered. */
  catchErrors(ctx: Context, next: Next): Promise<void>
  /** Makes what a Koa application did not catch itself an error page, too. */
  takeOver(app: Koa): void
}

export function createErrorWriter({
  pages,
  issuer,
  log,
}: {
  pages: Pages
  issuer: string
  log: Logger
}): ErrorWriter {
  function fail(ctx: Context, raised: unknown, backUrl?: string): void {
    const error = asMaitredError(raised)
    const reference = makeReference()
    tell(ctx, error, reference)
    if (ctx.res.headersSent) {
      // Half an answer must not look whole.
      if (!ctx.res.writableEnded) ctx.res.destroy()
      return
    }
    ctx.respond = true
    for (const name of belongToTheBody) ctx.remove(name)
    ctx.status = error.status
    ctx.set('Cache-Control', 'no-store')
    if (error.retryAfter !== undefined) ctx.set('Retry-After', String(Math.ceil(error.retryAfter)))
    try {
      if (wantsPage(ctx)) writePage(ctx, error, reference, backUrl)
      else writeProblem(ctx, error, reference)
    } catch (cause) {
      // The page for errors is itself broken; the reference at least is told.
      requestState(ctx).log.error({ err: cause, reference }, 'the error page failed')
      ctx.type = 'text/plain'
      ctx.body = `${error.status} ${error.code} (${reference})`
    }
  }

  function writePage(ctx: Context, error: MaitredError, reference: string, backUrl?: string): void {
    const { t } = requestState(ctx)
    ctx.type = 'html'
    ctx.body = pages.notice(ctx, 'error', {
      title: t(`error.${error.code}.title`, error.params),
      status: error.status,
      text: t(sentenceOf(error), error.params),
      reference,
      backUrl,
    })
  }

  function writeProblem(ctx: Context, error: MaitredError, reference: string): void {
    const { t } = requestState(ctx)
    // RFC 9110, 15.5.2: a 401 names how to authenticate.
    if (error.status === 401 && !ctx.response.get('WWW-Authenticate')) {
      ctx.set('WWW-Authenticate', `Bearer realm="${issuer}"`)
    }
    const fields = Object.entries(error.fields ?? {}).map(([name, key]) => [
      name,
      t(key as TextKey, error.params),
    ])
    ctx.body = JSON.stringify({
      ...error.members,
      type: `urn:maitred:error:${error.code}`,
      title: t(`error.${error.code}.title`, error.params),
      status: error.status,
      detail: t(sentenceOf(error), error.params),
      code: error.code,
      reference,
      ...(fields.length > 0 && { fields: Object.fromEntries(fields) }),
    })
    ctx.type = 'application/problem+json'
  }

  async function catchErrors(ctx: Context, next: Next): Promise<void> {
    try {
      await next()
    } catch (error) {
      fail(ctx, error)
    }
  }

  function takeOver(app: Koa): void {
    app.context.onerror = function onerror(this: Context, raised: unknown): void {
      // Koa calls it at the end of every response, mostly with nothing, or to say that the client went away.
      if (raised === null || raised === undefined || wentAway(this, raised)) return
      try {
        fail(this, raised)
      } catch (cause) {
        // Where a request did not come through the shell, or the writer itself is broken.
        log.error({ err: cause, raised }, 'an error could not be written')
        this.status = 500
        this.body = ''
      }
      if (!this.res.headersSent) this.res.end(this.method === 'HEAD' ? undefined : this.body)
    }
  }

  return { fail, catchErrors, takeOver }
}

/** `*\/*` and nothing are programs; browsers name HTML. */
function wantsPage(ctx: Context): boolean {
  return ctx.accepts('json', 'html') === 'html'
}

/** Then the request's line in the log says so, and it is nobody's failure. */
function wentAway({ req }: Context, raised: unknown): boolean {
  const { code } = raised as { code?: unknown }
  // A request that was destroyed has lost its socket, whatever its type says.
  const socket = req.socket as typeof req.socket | null
  return (socket?.destroyed ?? true) && /^(?:ECONN|EPIPE|HPE_|ERR_STREAM)/.test(String(code))
}

function tell(ctx: Context, error: MaitredError, reference: string): void {
  const { log } = requestState(ctx)
  const { code, status } = error
  if (status >= 500) log.error({ reference, code, err: error.cause ?? error }, 'failed')
  else log.info({ reference, code, reason: reasonOf(error.cause) }, 'refused')
}

function reasonOf(cause: unknown): string | undefined {
  return cause === undefined
    ? undefined
    : String(cause instanceof Error ? cause.message : cause).slice(0, 500)
}

const codeOfStatus = new Map(
  (Object.entries(catalogue) as [ErrorCode, number][]).toReversed().map(([code, status]) => [status, code]),
)

/** Koa, its middleware and the provider throw errors that carry a status. */
function asMaitredError(raised: unknown): MaitredError {
  if (raised instanceof MaitredError) return raised
  const { status, statusCode } = (raised ?? {}) as { status?: unknown; statusCode?: unknown }
  const known = Number(status ?? statusCode)
  const code = codeOfStatus.get(known) ?? (known >= 400 && known < 500 ? 'bad_request' : 'internal')
  return new MaitredError(code, { cause: raised })
}

const belongToTheBody = [
  'Content-Type',
  'Content-Length',
  'Content-Encoding',
  'Content-Disposition',
  'ETag',
  'Last-Modified',
  'Location',
]
