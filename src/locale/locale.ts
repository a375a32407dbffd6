/**
 * The words Maitred speaks: which languages there are, which one a request gets, and the text of a key.
 * It owns every text that a person reads on a page or in a mail; it renders nothing and knows no request.
 * A text is plain (never markup), `{name}` in it is filled from the parameters, and a number that changes
 * the wording has a `.one` and an `.other` key, between which the caller chooses.
 */
import { account as accountDe } from './de/account.ts'
import { common as commonDe } from './de/common.ts'
import { error as errorDe } from './de/error.ts'
import { flow as flowDe } from './de/flow.ts'
import { mail as mailDe } from './de/mail.ts'
import { account } from './en/account.ts'
import { common } from './en/common.ts'
import { error } from './en/error.ts'
import { flow } from './en/flow.ts'
import { mail } from './en/mail.ts'

export { deviceText } from './device-text.ts'

const en = { ...common, ...error, ...flow, ...account, ...mail }
const de: Record<TextKey, string> = { ...commonDe, ...errorDe, ...flowDe, ...accountDe, ...mailDe }

export type TextKey = keyof typeof en
export type Language = 'en' | 'de'
export type Params = Record<string, string | number>
export type Translate = (key: TextKey, params?: Params) => string

export interface Locale {
  languages: readonly Language[]
  /**
   * The language for a request: the first tag we speak among `ui_locales` (OpenID Connect Core 3.1.2.1,
   * space-separated, by preference), else in `Accept-Language` by its weights (RFC 9110 12.5.4), else English.
   */
  negotiate(uiLocales: string | undefined, acceptLanguage: string | undefined): Language
  /**
   * How dates are written in that language where the reader lives, as a tag for `Intl`: the first wanted one
   * that names a country ("en-US"), else as our mails write them.
   */
  dates(language: Language, uiLocales: string | undefined, acceptLanguage: string | undefined): string
  translate(language: Language): Translate
}

export interface LocaleOptions {
  /** Texts of one's own by language and key; an unknown key or placeholder is refused at start. */
  overrides?: Partial<Record<Language, Record<string, string> | undefined>>
}

const texts: Record<Language, Record<TextKey, string>> = { en, de }
const languages = Object.keys(texts) as Language[]

export function createLocale({ overrides = {} }: LocaleOptions = {}): Locale {
  const problems = languages.flatMap((language) => problemsOf(language, overrides[language] ?? {}))
  if (problems.length > 0) throw new Error(`Texts that cannot be replaced:\n${problems.join('\n')}`)
  const spoken = new Map(
    languages.map((language) => [language, { ...texts[language], ...overrides[language] }]),
  )

  return {
    languages,
    negotiate(uiLocales, acceptLanguage) {
      return wantedTags(uiLocales, acceptLanguage).map(primaryTag).find(isLanguage) ?? 'en'
    },
    dates(language, uiLocales, acceptLanguage) {
      const known = wantedTags(uiLocales, acceptLanguage).find(
        (tag) => /^[a-z]{2}-[a-z]{2}$/i.test(tag) && primaryTag(tag) === language,
      )
      return known ?? { en: 'en-GB', de: 'de' }[language]
    },
    translate(language) {
      const words = spoken.get(language) ?? texts.en
      return (key, params) => fill(words[key], params)
    },
  }
}

/** Whether a string is the key of a text: what comes from a form's schema is only known at run time. */
export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(en, key)
}

function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(texts, tag)
}

function problemsOf(language: Language, own: Record<string, string>): string[] {
  return Object.entries(own).flatMap(([key, text]) => {
    if (!isTextKey(key)) return [`${language}: there is no text "${key}"`]
    const known = placeholders(en[key])
    return placeholders(text)
      .filter((name) => !known.includes(name))
      .map((name) => `${language}: "${key}" knows no {${name}}, only ${known.join(', ') || 'none'}`)
  })
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
}

/** A parameter that was not given stays visible as `{name}`: a page must not fail for its wording. */
function fill(text: string, params: Params = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(params, name) ? String(params[name]) : whole,
  )
}

function wantedTags(uiLocales = '', acceptLanguage = ''): string[] {
  return [...uiLocales.split(/\s+/), ...byWeight(acceptLanguage)]
}

function primaryTag(tag: string): string {
  return (tag.split('-', 1)[0] ?? '').toLowerCase()
}

function byWeight(header: string): string[] {
  return header
    .split(',', 20)
    .map((part) => {
      const [tag = '', ...rest] = part.split(';').map((piece) => piece.trim())
      const weight = rest.find((piece) => piece.startsWith('q='))
      return { tag, weight: weight === undefined ? 1 : Number(weight.slice(2)) }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag)
}
