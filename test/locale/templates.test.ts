import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { isTextKey } from '../../src/locale/locale.ts'
import { texts } from '../support/texts.ts'

const root = join(import.meta.dirname, '../..')
const templates = read('views/**/*.ejs')
const sources = read('src/**/*.ts').filter(({ path }) => !/^src\/locale\/(\w\w\/|locale)/.test(path))
const everything = [...templates, ...sources].map(({ text }) => text).join('\n')

describe('DC-18 templates', () => {
  for (const { path, text } of templates) {
    const page = withoutComments(text)

    it(`${path} has no words of its own`, () => {
      expect(bareWords(page)).to.deep.equal([])
    })

    it(`${path} knows the texts it asks for`, () => {
      const asked = [...page.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key = '']) => key)
      expect(asked.filter((key) => !isTextKey(key))).to.deep.equal([])
    })

    it(`${path} escapes what it prints`, () => {
      const raw = [...page.matchAll(/<%-([\s\S]*?)%>/g)].map(([, code = '']) => code.trim())
      expect(
        raw.filter((code) => !code.startsWith('include(') && !trusted[path]?.includes(code)),
      ).to.deep.equal([])
    })

    it(`${path} has nothing that the content security policy refuses`, () => {
      if (path.startsWith('views/mail/')) return
      expect(page).not.to.match(/\sstyle="|<style|\son\w+="|javascript:|<script(?! src=)/)
    })
  }
})

describe('DC-18 every text', () => {
  // `error.${code}.title` in the code speaks of all that fits.
  const families = [...everything.matchAll(/`([a-z]+\.[^`\s]*\$\{[^`\s]*)`/g)].map(
    ([, pattern = '']) =>
      new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll(/\$\{[^}]*\}/g, '[\\w.-]+')}$`),
  )

  it('is used somewhere', () => {
    const unused = texts.filter(
      (key) => !everything.includes(`'${key}'`) && !families.some((family) => family.test(key)),
    )
    expect(unused).to.deep.equal([])
  })

  it('has its name from somewhere', () => {
    const unknown = [...everything.matchAll(/'((?:account|common|error|flow|mail)\.(?!css')[\w.-]+)'/g)]
      .map(([, key = '']) => key)
      .filter((key) => !isTextKey(key))
    expect(unknown).to.deep.equal([])
  })
})

/** What may be printed as it is: rendered pages, our own drawing, and plain text that the caller escapes. */
const trusted: Record<string, readonly string[]> = {
  'views/layout.ejs': ['body'],
  'views/account/layout.ejs': ['body'],
  'views/dev/layout.ejs': ['body'],
  'views/partials/title.ejs': ['titles[view]?.() ?? brand.name'],
  'views/partials/place.ejs': ['place'],
  'views/partials/totp.ejs': ['qr'],
}

function read(pattern: string): { path: string; text: string }[] {
  return globSync(pattern, { cwd: root }).map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }))
}

function withoutComments(text: string): string {
  return text.replaceAll(/<%#[\s\S]*?%>/g, '').replaceAll(/<!--[\s\S]*?-->/g, '')
}

/** Letters between tags, and in attributes that are read out. */
function bareWords(page: string): string[] {
  const markup = page.replaceAll(/<%[\s\S]*?%>/g, '')
  const read = [...markup.matchAll(/\b(?:alt|title|placeholder|aria-label|content)="([^"]*)"/g)]
    .map(([, words = '']) => words)
    .filter((words) => !technical.has(words))
  const between = markup
    .replaceAll(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, '\n')
    .split('\n')
  return [...read, ...between].map((words) => words.trim()).filter((words) => /\p{L}{2,}/u.test(words))
}

const technical = new Set([
  'width=device-width, initial-scale=1',
  'light dark',
  'noindex',
  '0;url=',
  'telephone=no, date=no, address=no, email=no, url=no',
])
