/**
 * What is known of one request, whoever asks: our Koa, the provider's Koa, or a bare handler. It hangs on
 * the `IncomingMessage`, because that is the one object they share. Everything that costs is lazy.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'
import type { Language, Locale, Translate } from '../locale/locale.ts'
import type { Caller } from './caller.ts'
import { describeDevice } from './device.ts'

export interface RequestState {
  /** Ours alone: an id from outside is never taken over. */
  readonly id: string
  readonly ip: string
  /** At most 300 characters. */
  readonly userAgent: string
  /** "Chrome on Windows"; empty when the user agent says nothing. */
  readonly device: string
  readonly language: Language
  /** How the reader writes dates, as a tag for `Intl`. */
  readonly dates: string
  readonly t: Translate
  /** Writes the request's id with every line. */
  readonly log: Logger
  /** When the request came; the same for all who ask. */
  readonly now: Date
  readonly secure: boolean
  /** The route's pattern or the endpoint's name, for log and metrics; whoever takes the request says it. */
  route: string | undefined
}

/** What the shell gives to every request. */
export interface Surroundings {
  readonly issuer: string
  readonly locale: Locale
  readonly log: Logger
  readonly now: () => Date
  readonly mac: (purpose: string, data: string) => string
  readonly csrfCookie: string
}

const states = new WeakMap<IncomingMessage, State>()

class State implements RequestState {
  readonly id = randomUUID()
  readonly ip: string
  readonly secure: boolean
  readonly now: Date
  route: string | undefined = undefined
  readonly caller: Caller
  readonly surroundings: Surroundings
  readonly #req: IncomingMessage
  #wanted: string | undefined
  #language: Language | undefined
  #t: Translate | undefined
  #log: Logger | undefined

  constructor(req: IncomingMessage, caller: Caller, surroundings: Surroundings) {
    this.ip = caller.ip
    this.secure = caller.secure
    this.caller = caller
    this.surroundings = surroundings
    this.now = surroundings.now()
    this.#req = req
    this.#wanted = uiLocales(req.url ?? '')
  }

  get userAgent(): string {
    return (this.#req.headers['user-agent'] ?? '').slice(0, 300)
  }

  get device(): string {
    return describeDevice(this.userAgent)
  }

  get language(): Language {
    this.#language ??= this.surroundings.locale.negotiate(this.#wanted, this.#accepted)
    return this.#language
  }

  get dates(): string {
    return this.surroundings.locale.dates(this.language, this.#wanted, this.#accepted)
  }

  get t(): Translate {
    this.#t ??= this.surroundings.locale.translate(this.language)
    return this.#t
  }

  get log(): Logger {
    this.#log ??= this.surroundings.log.child({ request: this.id })
    return this.#log
  }

  prefer(wanted: string | undefined): void {
    this.#wanted = wanted
    this.#language = undefined
    this.#t = undefined
  }

  get #accepted(): string | undefined {
    return this.#req.headers['accept-language']
  }
}

/** Begins a request; the shell calls it once, first of all. */
export function beginRequest(req: IncomingMessage, caller: Caller, surroundings: Surroundings): RequestState {
  const state = new State(req, caller, surroundings)
  states.set(req, state)
  return state
}

/** Memoised on `ctx.req`, so that it is the same for our Koa and the provider's Koa contexts. */
export function requestState(ctx: { req: IncomingMessage }): RequestState {
  return stateOf(ctx)
}

/**
 * Speaks the languages that an authorization request asked for (`ui_locales`, OpenID Connect Core 3.1.2.1)
 * on a page whose own URL does not carry them.
 */
export function preferLanguages(ctx: { req: IncomingMessage }, wanted: string | undefined): void {
  stateOf(ctx).prefer(wanted)
}

/** For this room only. */
export function surroundingsOf(ctx: { req: IncomingMessage }): Surroundings {
  return stateOf(ctx).surroundings
}

/** For this room only. */
export function callerOf(ctx: { req: IncomingMessage }): Caller {
  return stateOf(ctx).caller
}

function stateOf({ req }: { req: IncomingMessage }): State {
  const state = states.get(req)
  if (!state) throw new Error('This request did not come through the shell')
  return state
}

function uiLocales(url: string): string | undefined {
  const query = url.indexOf('?')
  if (query < 0 || !url.includes('ui_locales=', query)) return undefined
  return new URLSearchParams(url.slice(query + 1)).get('ui_locales') ?? undefined
}
