/**
 * A letter becomes subject, text and HTML. Each template in `views/mail` says its parts once; they are written
 * in two voices, `html/` and `text/`, so that neither says less than the other.
 */
import { join } from 'node:path'
import ejs from 'ejs'
import { deviceText, type Language, type Locale, type TextKey } from '../locale/locale.ts'
import { mailColours } from './colour.ts'
import type { Letter, LetterContext } from './letter.ts'

export interface RenderedLetter {
  subject: string
  text: string
  html: string
}

export interface RendererOptions {
  /** The folder of all views. */
  views: string
  locale: Locale
  /** An origin. */
  issuer: string
  brand: { name: string; color: string; contrast?: string | undefined }
}

export type Render = (letter: Letter, language: Language, written: Date) => Promise<RenderedLetter>

export function createRenderer({ views, locale, issuer, brand }: RendererOptions): Render {
  const folder = join(views, 'mail')
  const colours = mailColours(brand)

  return async ({ template, data: given }, language, written) => {
    const translate = locale.translate(language)
    const data: Record<string, string | undefined> & LetterContext = { ...given }
    data.device = deviceText(translate, harmless(data.device) ?? '')
    const person = harmless(data.person)
    const params = {
      ...Object.fromEntries(Object.entries(data).map(([name, value]) => [name, oneLine(value ?? '')])),
      app: oneLine(data.app ?? brand.name),
      code: grouped(data.code ?? '').join(' '),
      device: data.device,
      duration: duration(language, Number(data.validMinutes)),
      title: '',
    }
    const t = (key: TextKey) => translate(key, params)
    if (data.what) params.title = t(`mail.${template}.${data.what}.title` as TextKey)

    const locals = {
      t,
      template,
      language,
      brand,
      colours,
      host: new URL(issuer).host,
      subject: t(`mail.${template}.subject`),
      preview: t(`mail.${template}.preview`),
      hello: person ? translate('mail.hello', { person }) : t('mail.hello.anyone'),
      code: grouped(data.code ?? ''),
      link: data.link,
      resetLink: data.resetLink,
      what: data.what,
      valid: validity(t, data),
      origin: origin(t, data, time(language, data.time, written)),
      resetUrl: `${issuer}/forgot-password`,
      devicesUrl: `${issuer}/account/sessions`,
    }
    const [html, text] = await Promise.all([
      ejs.renderFile(join(folder, 'html/layout.ejs'), { ...locals, part: voice('html') }, { cache: true }),
      ejs.renderFile(join(folder, 'text/layout.ejs'), { ...locals, part: voice('text') }, { cache: true }),
    ])
    return { subject: oneLine(locals.subject), html: html.trimStart(), text: plain(text) }
  }
}

/** The path of a part, seen from a template. */
const voice = (name: 'html' | 'text') => (part: string) => `${name}/${part}`

function validity(
  t: (key: TextKey) => string,
  { code, link, validMinutes }: Record<string, string | undefined>,
) {
  if (!link) return undefined
  const what = code ? 'code' : 'link'
  return validMinutes ? t(`mail.valid.${what}`) : t(`mail.once.${what}`)
}

/** What is known of where it came from, as label and value. */
function origin(t: (key: TextKey) => string, { device, place, ip }: LetterContext, at: string) {
  const lines: [string, string | undefined][] = [
    [t('mail.device'), device],
    [t('mail.place'), harmless(place)],
    [t('mail.ip'), ip],
    [t('mail.time'), at],
  ]
  return lines.filter(([, value]) => value)
}

/** Where the reader is we do not know, so the zone is named. */
function time(language: Language, iso: string | undefined, written: Date): string {
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
  return `${format.format(iso ? new Date(iso) : written)} UTC`
}

/** "30 minutes", "24 hours", "7 days". */
function duration(language: Language, minutes: number): string {
  if (!(minutes > 0)) return ''
  const [value, unit] =
    minutes % 1_440 === 0 && minutes > 1_440
      ? [minutes / 1_440, 'day']
      : minutes % 60 === 0
        ? [minutes / 60, 'hour']
        : [minutes, 'minute']
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
}

/** 482913 as 482 and 913. */
function grouped(code: string): string[] {
  const size = code.length % 3 === 0 ? 3 : 4
  return code.match(new RegExp(`.{1,${size}}`, 'gu')) ?? []
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}

/**
 * What a stranger may have typed, or their browser said, must not become an advertisement in somebody else's
 * mail: no links, no addresses, nothing long.
 */
function harmless(text: string | undefined): string | undefined {
  const line = oneLine(text ?? '')
  return line === '' || line.length > 60 || /[/\\:@<>]|\.\S|www/iu.test(line) ? undefined : line
}

/** The text voice is escaped like the other one, so that one compiled template serves both; this is the way back. */
function plain(text: string): string {
  const signs: Record<string, string> = { lt: '<', gt: '>', '#34': '"', '#39': "'", amp: '&' }
  return `${text
    .replace(/&(lt|gt|#34|#39|amp);/g, (_, name: string) => signs[name] ?? '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`
}
