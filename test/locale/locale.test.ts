import { expect } from 'chai'
import { catalogue } from '../../src/errors.ts'
import { account as accountDe } from '../../src/locale/de/account.ts'
import { common as commonDe } from '../../src/locale/de/common.ts'
import { error as errorDe } from '../../src/locale/de/error.ts'
import { flow as flowDe } from '../../src/locale/de/flow.ts'
import { mail as mailDe } from '../../src/locale/de/mail.ts'
import { account } from '../../src/locale/en/account.ts'
import { common } from '../../src/locale/en/common.ts'
import { error } from '../../src/locale/en/error.ts'
import { flow } from '../../src/locale/en/flow.ts'
import { mail } from '../../src/locale/en/mail.ts'
import { createLocale, isTextKey } from '../../src/locale/locale.ts'

const areas: Record<string, [en: Record<string, string>, de: Record<string, string>]> = {
  account: [account, accountDe],
  common: [common, commonDe],
  error: [error, errorDe],
  flow: [flow, flowDe],
  mail: [mail, mailDe],
}

describe('DC-18 the language of a request', () => {
  const { negotiate } = createLocale()
  const cases: [uiLocales: string | undefined, accept: string | undefined, expected: string][] = [
    [undefined, undefined, 'en'],
    ['de', undefined, 'de'],
    ['de-AT', undefined, 'de'],
    ['DE', undefined, 'de'],
    ['it fr de en', 'en', 'de'],
    ['it', 'de-CH,de;q=0.9,en;q=0.8', 'de'],
    [undefined, 'fr-FR,fr;q=0.9,en;q=0.7,de;q=0.8', 'de'],
    [undefined, 'en;q=0.5, de;q=0.5', 'en'],
    [undefined, 'de;q=0, en', 'en'],
    [undefined, '*', 'en'],
    [undefined, 'it', 'en'],
    ['__proto__ constructor', ';;q=,,=', 'en'],
    ['', 'de;q=x', 'en'],
    [undefined, `${'x,'.repeat(100_000)}de`, 'en'],
  ]
  for (const [uiLocales, accept, expected] of cases) {
    it(`is ${expected} for ui_locales ${uiLocales} and Accept-Language ${accept?.slice(0, 50)}`, () => {
      expect(negotiate(uiLocales, accept)).to.equal(expected)
    })
  }
})

describe('DC-18 the dates of a reader', () => {
  const { dates } = createLocale()
  const cases: [language: 'en' | 'de', uiLocales: string | undefined, accept: string, expected: string][] = [
    ['en', undefined, 'en-GB,en;q=0.9', 'en-GB'],
    ['en', undefined, 'en-US,en;q=0.9', 'en-US'],
    ['en', undefined, 'en,en-AU;q=0.9', 'en-AU'],
    ['en', 'en-US', 'en-GB', 'en-US'],
    ['en', 'en', 'de-DE,en-IE;q=0.5', 'en-IE'],
    ['de', undefined, 'de-AT,de;q=0.9,en-US;q=0.8', 'de-AT'],
    ['de', 'de', 'en-US', 'de'],
    ['en', undefined, 'it-IT', 'en-GB'],
    ['en', undefined, 'en-', 'en-GB'],
    ['en', 'en-x-0 en-u-ca', 'en-GB-oed, en_US', 'en-GB'],
  ]
  for (const [language, uiLocales, accept, expected] of cases) {
    it(`are ${expected} in ${language} for ui_locales ${uiLocales} and Accept-Language ${accept}`, () => {
      expect(dates(language, uiLocales, accept)).to.equal(expected)
      expect(() => new Intl.DateTimeFormat(dates(language, uiLocales, accept))).not.to.throw()
    })
  }
})

describe('DC-18 texts', () => {
  it('are filled from their parameters, once', () => {
    const t = createLocale().translate('de')
    expect(t('flow.signIn.heading', { place: '{place} $& <b>' })).to.equal('Anmelden bei {place} $& <b>')
    expect(t('error.password.tooShort', { min: 15 })).to.equal('Verwenden Sie mindestens 15 Zeichen.')
    expect(t('error.password.tooShort')).to.contain('{min}')
    expect(t('error.password.tooShort', Object.create({ min: 1 }))).to.contain('{min}')
  })

  it('can each be replaced in each language', () => {
    const locale = createLocale({ overrides: { de: { 'flow.signIn.button': 'Rein' } } })
    expect(locale.translate('de')('flow.signIn.button')).to.equal('Rein')
    expect(locale.translate('en')('flow.signIn.button')).to.equal('Sign in')
  })

  it('are not replaced by what is no text of ours; all problems are told at once', () => {
    const overrides = {
      en: { 'flow.signIn.hedding': 'x', 'flow.signIn.heading': '{plaice}' },
      de: { x: 'y' },
    }
    expect(() => createLocale({ overrides })).to.throw(
      /"flow\.signIn\.hedding"\n.*\{plaice\}, only \{?place.*\nde: .*"x"$/,
    )
  })

  it('exist for every error', () => {
    for (const code of Object.keys(catalogue)) {
      expect(isTextKey(`error.${code}.title`), code).to.equal(true)
      expect(isTextKey(`error.${code}.text`), code).to.equal(true)
    }
  })

  for (const [area, [en, de]] of Object.entries(areas)) {
    it(`of ${area} say the same things in both languages, in our tone`, () => {
      expect(Object.keys(de)).to.have.members(Object.keys(en))
      for (const [key, text] of Object.entries(en)) {
        const german = de[key] ?? ''
        expect(key).to.satisfy((name: string) => name.startsWith(`${area}.`))
        expect(placeholders(german), key).to.deep.equal(placeholders(text))
        for (const words of [text, german]) {
          expect(words.trim(), key).to.equal(words).and.not.equal('')
          expect(words, key).not.to.match(/[!<>]|&\w+;|\boops\b|\bplease note\b|\binvalid\b/i)
        }
        expect(german, key).not.to.match(/\b(du|dich|dir|dein\w*)\b/i)
      }
    })
  }
})

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([name]) => name).sort()
}
