/**
 * Writes a screenshot of every page in every state to ./screenshots, for a person to look at: 360 and
 * 1280 px, light and dark, English and German.
 *
 *   node scripts/shots.ts [--theme bella|maitred|sole|nero|lang] [--lang en|de] [--wide] [--narrow] [--light] [--dark] [view…]
 *
 * A view may be shortened ("account/"); Chromium is taken from CHROMIUM or /usr/bin/chromium.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import type { Language } from '../src/locale/locale.ts'
import { pages, servePages } from './look/serve-pages.ts'
import { themes } from './look/themes.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    theme: { type: 'string', default: 'bella' },
    lang: { type: 'string' },
    wide: { type: 'boolean' },
    narrow: { type: 'boolean' },
    light: { type: 'boolean' },
    dark: { type: 'boolean' },
    out: { type: 'string', default: 'screenshots' },
  },
})
const theme = themes.find(({ id }) => id === values.theme)
if (!theme) throw new Error(`There is no theme ${values.theme}; there are ${themes.map(({ id }) => id)}`)
const wanted = pages.filter(
  ({ view }) => positionals.length === 0 || positionals.some((start) => view.startsWith(start)),
)
const languages = values.lang ? [values.lang as Language] : (['en', 'de'] as const)
const widths = [...(values.wide ? [] : [360]), ...(values.narrow ? [] : [1280])]
const schemes = [...(values.dark ? [] : ['light' as const]), ...(values.light ? [] : ['dark' as const])]

mkdirSync(values.out, { recursive: true })
const server = await servePages()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  for (const width of widths) {
    for (const colorScheme of schemes) {
      const context = await browser.newContext({
        viewport: { width, height: width < 600 ? 720 : 800 },
        colorScheme,
        reducedMotion: 'reduce',
      })
      const tab = await context.newPage()
      for (const language of languages) {
        for (const page of wanted) {
          await tab.goto(server.urlOf(page, language, theme))
          const name = `${page.view.replaceAll('/', '-')}.${page.state}.${language}.${width}.${colorScheme}.png`
          await tab.screenshot({ path: join(values.out, name), fullPage: true })
        }
      }
      await context.close()
    }
  }
} finally {
  await browser.close()
  await server.close()
}
console.log(`${wanted.length} pages in ${values.out}/`)
