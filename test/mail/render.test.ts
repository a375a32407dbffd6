import { join } from 'node:path'
import { expect } from 'chai'
import { createLocale, type Language } from '../../src/locale/locale.ts'
import type { Letter, LetterContext } from '../../src/mail/letter.ts'
import { createRenderer, type RenderedLetter } from '../../src/mail/render.ts'

const link = 'https://id.example.com/verify?token=Zk3jv8mQ2sX0pLw9R7tYb1nC4dF6gH5a&x=<y>'
const resetLink = 'https://id.example.com/forgot-password?from=mail'
const context: LetterContext = {
  app: 'Bella Napoli',
  person: 'Ada',
  device: 'Chrome on Windows',
  place: 'Naples, Italy',
  ip: '203.0.113.9',
}
const changes = ['factor_enrolled', 'factor_removed', 'recovery_codes_made', 'recovery_code_used'] as const
const names = ['username_new', 'username_removed', 'phone_new', 'phone_removed'] as const
const letters: Letter[] = [
  { template: 'verify-email', data: { ...context, code: '482913', link, validMinutes: '10' } },
  { template: 'account-exists', data: { ...context, link, resetLink } },
  { template: 'reset-password', data: { ...context, link, validMinutes: '60' } },
  { template: 'password-changed', data: { ...context } },
  { template: 'verify-new-email', data: { ...context, code: '482913', link } },
  { template: 'email-changed', data: { ...context, newEmail: 'new@example.org' } },
  ...changes.map((what) => ({ template: 'factor-changed', data: { ...context, what } }) as const),
  ...names.map((what) => ({ template: 'name-changed', data: { ...context, what } }) as const),
  { template: 'new-device', data: { ...context, device: 'Safari on iPhone' } },
  { template: 'session-warning', data: { ...context, application: 'Kitchen display' } },
  { template: 'invitation-admin', data: { ...context, link, validMinutes: '10080' } },
]
const written = new Date('2025-11-21T14:05:00Z')
const views = join(import.meta.dirname, '../../views')

function renderer(overrides: Partial<Record<Language, Record<string, string>>> = {}) {
  return createRenderer({
    views,
    locale: createLocale({ overrides }),
    issuer: 'https://id.example.com',
    brand: { name: 'Maitred', color: '#0f5c4d' },
  })
}

/** The words of the HTML part, without what is hidden in it. */
function wordsOf(html: string): string {
  return html
    .replace(/<!--.*?-->|<(style|title|head)\b.*?<\/\1>|<div style="display:none.*?<\/div>/gs, ' ')
    .replace(/<\/span><span[^>]*>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&#34;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
}

describe('SB-6 DC-18 mails', () => {
  for (const language of ['en', 'de'] as const) {
    for (const letter of letters) {
      const name = 'what' in letter.data ? `${letter.template} (${letter.data.what})` : letter.template
      describe(`${name} in ${language}`, () => {
        let mail: RenderedLetter

        before(async () => {
          mail = await renderer()(letter, language, written)
        })

        it('says the matter and the place in its subject', () => {
          const place = 'application' in letter.data ? letter.data.application : context.app
          expect(mail.subject).to.contain(place)
          expect(mail.subject).to.match(/^\P{Cc}{10,90}$/u)
          if ('code' in letter.data) expect(mail.subject).to.contain('482 913')
        })

        it('leaves no placeholder, key or nothing behind', () => {
          for (const part of [mail.subject, mail.text, wordsOf(mail.html)]) {
            expect(part).to.not.match(/\{\w+\}|\bmail\.[a-z]|undefined|null|NaN|\[object/)
          }
        })

        it('says the same in both parts', () => {
          const words = wordsOf(mail.html)
          const [preview, ...lines] = mail.text.split('\n').filter((line) => line.trim() !== '')
          expect(mail.html).to.contain(preview?.replaceAll("'", '&#39;'))
          for (const line of lines) {
            const said = line
              .trim()
              .replace(/^([^:]{2,30}): (?!\/\/)/, '$1 ')
              .replace(/:$/, '')
            if (said !== '--') expect(words).to.contain(said)
          }
        })

        it('tells who asked: device, place and time', () => {
          const [browser, system] =
            letter.template === 'new-device' ? ['Safari', 'iPhone'] : ['Chrome', 'Windows']
          const device = `${browser} ${language === 'en' ? 'on' : 'auf'} ${system}`
          const day = language === 'en' ? '21 November 2025 at 14:05 UTC' : '21. November 2025 um 14:05 UTC'
          for (const told of [device, 'Naples, Italy', '203.0.113.9', day]) expect(mail.text).to.contain(told)
        })

        it('loads nothing and runs nothing', () => {
          expect(mail.html).to.not.match(
            /<(?:img|script|link|iframe|form|video|object|svg)\b|url\(|@import|@font-face/i,
          )
          expect(mail.html).to.not.match(/\son\w+=/i)
          const urls = [...mail.html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, url = '']) => url)
          for (const url of urls) expect(new URL(url).host).to.equal('id.example.com')
        })

        it('is small', () => {
          expect(mail.html.length).to.be.below(12_000)
        })
      })
    }
  }

  it('speaks German to those who want it', async () => {
    const [letter] = letters
    const { subject, text } = await renderer()(letter as Letter, 'de', written)
    expect(subject).to.equal('Ihr Code für Bella Napoli: 482 913')
    expect(text).to.contain('10 Minuten').and.to.contain('Guten Tag Ada,')
  })

  it('lets an operator replace every text', async () => {
    const own = renderer({ en: { 'mail.verify-email.subject': '{code} is what you need for {app}' } })
    expect((await own(letters[0] as Letter, 'en', written)).subject).to.equal(
      '482 913 is what you need for Bella Napoli',
    )
  })

  it('tells times as people do', async () => {
    for (const [validMinutes, told] of [
      ['10', '10 minutes'],
      ['60', '1 hour'],
      ['1440', '24 hours'],
      ['10080', '7 days'],
    ] as const) {
      const letter: Letter = { template: 'reset-password', data: { link, validMinutes } }
      expect((await renderer()(letter, 'en', written)).text).to.contain(`for ${told}.`)
    }
  })

  it('speaks of the product where the app is not known, and of nobody where the name is not', async () => {
    const mail = await renderer()({ template: 'reset-password', data: { link } }, 'en', written)
    expect(mail.subject).to.equal('Set a new password for Maitred')
    expect(mail.text).to.contain('Hello,').and.to.not.contain('Device')
  })

  describe('with what a stranger typed', () => {
    const nasty = '<img src=x onerror=alert(1)>"\'&\r\nBcc: eve@example.com\n\nVisit evil.example'

    it('escapes markup and keeps headers on one line', async () => {
      const data = { code: nasty, link: 'https://id.example.com/"><script>', app: nasty }
      const mail = await renderer()({ template: 'verify-email', data }, 'en', written)
      expect(mail.html).to.not.match(/<img|<script/)
      expect(mail.subject).to.not.match(/[\r\n]/)
      expect(mail.text).to.not.match(/^Bcc:/m)
    })

    it('does not carry the advertisement of one who signs up with a foreign address', async () => {
      for (const person of [
        'You won! https://evil.example',
        'www.evil.example',
        'evil.example is great',
        'mail eve@evil.example',
        'A very long name that goes on and on, as names seldom do, and offers you a loan at good rates',
      ]) {
        const data = { code: '1', link, person, device: person, place: person }
        const mail = await renderer()({ template: 'verify-email', data }, 'en', written)
        expect(mail.text).to.contain('Hello,').and.to.not.contain('evil').and.to.not.contain('loan')
        expect(mail.html).to.not.contain('evil').and.to.not.contain('loan')
      }
    })

    it('keeps names as people write them', async () => {
      for (const person of ['Ada', 'José María', "D'Arcy", 'Anne-Marie', '愛', 'J. R. R.']) {
        const mail = await renderer()({ template: 'reset-password', data: { link, person } }, 'en', written)
        expect(mail.text).to.contain(`Hello ${person},`)
      }
    })
  })
})
