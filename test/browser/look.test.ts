import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { type PageServer, pages, servePages } from '../../scripts/look/serve-pages.ts'
import { type Theme, themes } from '../../scripts/look/themes.ts'
import type { Language } from '../../src/locale/locale.ts'
import { axe, browserRuns, openBrowser } from '../support/browser.ts'

const views = join(import.meta.dirname, '../../views')
const byId = (id: string) => themes.find((theme) => theme.id === id) ?? themes[0]

describe('the pages to look at', () => {
  it('are all pages', () => {
    const files = globSync('{flow,account,dev}/*.ejs', { cwd: views }).map((file) => file.slice(0, -4))
    const parts = ['account/layout', 'account/head', 'account/places', 'dev/layout']
    const whole = [...files.filter((view) => !parts.includes(view)), 'error']
    expect(new Set(pages.map(({ view }) => view))).to.deep.equal(new Set(whole))
  })
})

;(browserRuns() ? describe : describe.skip)('DC-2 GW-10 every page in Chromium', () => {
  let server: PageServer
  before(async () => {
    server = await servePages()
  })
  after(() => server?.close())

  const ways: { language: Language; theme: Theme; width: number; scheme: 'light' | 'dark' }[] = [
    { language: 'en', theme: byId('bella'), width: 1280, scheme: 'light' },
    { language: 'de', theme: byId('lang'), width: 360, scheme: 'dark' },
  ]
  for (const { language, theme, width, scheme } of ways) {
    describe(`in ${language}, ${width} px, ${scheme}`, () => {
      let page: Page
      const refused: string[] = []
      before(async () => {
        const browser = await openBrowser()
        const viewport = { width, height: 800 }
        page = await browser.newPage({ viewport, colorScheme: scheme, reducedMotion: 'reduce' })
        page.on('console', (message) => {
          if (message.type() === 'error') refused.push(message.text())
        })
        page.on('pageerror', (error) => refused.push(String(error)))
      })
      after(() => page?.close())

      for (const state of pages) {
        it(`${state.view} (${state.state})`, async function () {
          this.slow(3_000)
          refused.length = 0
          await page.setViewportSize({ width, height: 800 })
          await page.goto(server.urlOf(state, language, theme))
          expect(await axe(page)).to.deep.equal([])
          expect(await page.innerText('html')).not.to.match(/\{\w+\}|undefined|\[object/)
          expect(await page.title()).to.match(/^\S.* – \S/)
          if (width < 600) expect(await smallTargets(page)).to.deep.equal([])
          for (const narrow of [width, width / 2 < 320 ? 320 : width / 2]) {
            await page.setViewportSize({ width: narrow, height: 800 })
            expect(await overflow(page), `${narrow} px`).to.deep.equal([])
          }
          expect(refused).to.deep.equal([])
        })
      }
    })
  }

  describe('in every theme reads well', () => {
    const shown = ['flow/sign-in wrong', 'flow/consent full', 'account/security on', 'account/data full']
    for (const theme of themes) {
      for (const scheme of ['light', 'dark'] as const) {
        it(`${theme.id}, ${scheme}`, async function () {
          this.slow(8_000)
          this.timeout(30_000)
          const page = await (await openBrowser()).newPage({ colorScheme: scheme, reducedMotion: 'reduce' })
          for (const state of pages.filter(({ view, state }) => shown.includes(`${view} ${state}`))) {
            await page.goto(server.urlOf(state, 'en', theme))
            expect(await axe(page), `${state.view} ${state.state}`).to.deep.equal([])
          }
          await page.close()
        })
      }
    }
  })
})

/** What stands out of the page to the right. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .map((element) => `${element.tagName}.${element.className} ${element.textContent?.trim().slice(0, 40)}`)
  })
}

/** What is pressed with a finger and lower than 44 px. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('button, .button, .input, .ways a, .places a, summary, .check')]
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ element, box }) => box.height > 0 && box.height < 44 && !element.closest('.with-button'))
      .map(({ element, box }) => `${element.outerHTML.slice(0, 80)}: ${box.height}`),
  )
}
