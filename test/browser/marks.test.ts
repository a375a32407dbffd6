import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { type PageServer, pages, servePages } from '../../scripts/look/serve-pages.ts'
import { themes } from '../../scripts/look/themes.ts'
import type { Language } from '../../src/locale/locale.ts'
import { browserRuns, openBrowser } from '../support/browser.ts'

type Rgb = readonly [number, number, number]

;(browserRuns() ? describe : describe.skip)('GW-10 what marks a place on a page', () => {
  let server: PageServer
  let page: Page

  before(async () => {
    server = await servePages()
    page = await (await openBrowser()).newPage({ reducedMotion: 'reduce' })
  })
  after(async () => {
    await page?.close()
    await server?.close()
  })

  async function open(view: string, state: string, language: Language = 'en', theme = themes[0]) {
    const found = pages.find((one) => one.view === view && one.state === state)
    if (!found) throw new Error(`no page ${view} ${state}`)
    await page.goto(server.urlOf(found, language, theme))
  }

  for (const theme of themes) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`stands out and is not taken for an error: ${theme.id}, ${colorScheme}`, async () => {
        await page.emulateMedia({ colorScheme })
        await open('flow/sign-in', 'empty', 'en', theme)
        const { focus, danger, control, surface, ground } = await colours(page)
        for (const behind of [surface, ground]) {
          expect(contrast(focus, behind), 'focus').to.be.at.least(3)
          expect(contrast(danger, behind), 'danger').to.be.at.least(4.5)
        }
        expect(contrast(control, surface), 'the frame of a field').to.be.at.least(3)
        expect(distance(focus, danger), 'focus and danger').to.be.at.least(60)
        await page.focus('#f-identifier')
        const frame = await page.$eval('#f-identifier', (field) => getComputedStyle(field).outlineWidth)
        expect(frame).to.equal('2px')
      })
    }
  }

  it('is never a filled button where something is lost, and has a sign beside its words', async () => {
    await page.emulateMedia({ colorScheme: 'light' })
    for (const [view, state] of [
      ['account/data', 'full'],
      ['account/sessions', 'full'],
      ['account/security', 'on'],
    ] as const) {
      await open(view, state)
      const button = page.locator('.button.danger')
      expect(await button.locator('svg').count(), view).to.equal(1)
      const look = await button.evaluate((element) => {
        const { backgroundColor, borderColor, color } = getComputedStyle(element)
        const { backgroundColor: around } = getComputedStyle(element.closest('.card') as Element)
        return { filled: backgroundColor !== around, framed: borderColor === color }
      })
      expect(look, view).to.deep.equal({ filled: false, framed: true })
    }
  })
})

;(browserRuns() ? describe : describe.skip)('GW-10 what stands on one line', () => {
  let server: PageServer
  let page: Page

  before(async () => {
    server = await servePages()
    page = await (await openBrowser()).newPage({ reducedMotion: 'reduce' })
  })
  after(async () => {
    await page?.close()
    await server?.close()
  })

  async function open(view: string, state: string, language: Language, width: number) {
    const found = pages.find((one) => one.view === view && one.state === state)
    if (!found) throw new Error(`no page ${view} ${state}`)
    await page.setViewportSize({ width, height: 800 })
    await page.goto(server.urlOf(found, language, themes[0]))
  }
  const lines = (selector: string) =>
    page.$$eval(selector, (found) =>
      found.map((element) => {
        const range = document.createRange()
        range.selectNodeContents(element)
        const tops = [...range.getClientRects()].filter(({ width }) => width > 0).map(({ bottom }) => bottom)
        return Math.max(...tops) - Math.min(...tops) < 12 ? 1 : 2
      }),
    )

  for (const language of ['en', 'de'] as const) {
    for (const width of [320, 360, 1280]) {
      it(`labels of the sign-up: ${language}, ${width} px`, async () => {
        await open('flow/sign-up', 'empty', language, width)
        expect(await lines('.label')).to.deep.equal([1, 1, 1, 1])
        const heights = await page.$$eval('.input', (found) =>
          found.map((one) => one.getBoundingClientRect().height),
        )
        expect(new Set(heights).size).to.equal(1)
      })
    }
    for (const width of [360, 640, 700, 840, 1280]) {
      it(`buttons among the devices: ${language}, ${width} px`, async () => {
        await open('account/sessions', 'full', language, width)
        expect(await lines('.act .button')).to.deep.equal([1, 1])
      })
    }
    it(`who one is, beside the places: ${language}`, async () => {
      await open('account/profile', 'wrong', language, 1280)
      expect(await lines('.side .person strong, .side .person .quiet')).to.deep.equal([1, 1])
      const cut = await page.$$eval(
        '.side .person *',
        (found) => found.filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0).length,
      )
      expect(cut).to.equal(0)
    })
    it(`a sign and the first of its words: ${language}`, async () => {
      await open('flow/enrol-totp', 'empty', language, 320)
      const gap = await page.$eval('a.button:has(.icon)', (button) => {
        const icon = button.querySelector('.icon') as Element
        const range = document.createRange()
        range.selectNodeContents(icon.parentElement as Element)
        const text = [...range.getClientRects()].filter(({ width }) => width > 30)
        return (text[0]?.left ?? 999) - icon.getBoundingClientRect().right
      })
      expect(gap).to.be.within(0, 12)
    })
  }
})

/** Tokens as a browser paints them. */
async function colours(page: Page) {
  const names = ['focus', 'danger', 'control', 'surface', 'ground'] as const
  const painted = await page.evaluate((tokens) => {
    const probe = document.body.appendChild(document.createElement('i'))
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    return tokens.map((token) => {
      probe.className = ''
      probe.style.setProperty('color', `var(--${token})`)
      if (!context) throw new Error('no canvas')
      context.fillStyle = getComputedStyle(probe).color
      context.fillRect(0, 0, 1, 1)
      return [...context.getImageData(0, 0, 1, 1).data]
    })
  }, names)
  return Object.fromEntries(names.map((name, at) => [name, painted[at]])) as unknown as Record<
    (typeof names)[number],
    Rgb
  >
}

/** WCAG 2.2. */
function contrast(one: Rgb, other: Rgb): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance([red, green, blue]: Rgb): number {
  const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function distance(one: Rgb, other: Rgb): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2])
}
