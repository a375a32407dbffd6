/**
 * A real browser for tests: Debian's Chromium, one for the whole run, a fresh context for each test. With
 * QUICK=1 or without Chromium the tests in it are left out; with CI=true a missing Chromium is a failure.
 */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import axeCore from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'

const flags = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

const screenshots = join(import.meta.dirname, '../../screenshots')

/** The Chromium to use: `CHROMIUM`, or where Debian and others put it. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const candidates = [process.env.CHROMIUM ?? '', ...names.map((name) => `/usr/bin/${name}`)]
  return candidates.find((file) => file !== '' && existsSync(file))
}

/** Whether tests in the browser run: `(browserRuns() ? describe : describe.skip)('…')`. */
export function browserRuns(): boolean {
  if (process.env.QUICK === '1') return false
  if (findChromium()) return true
  if (process.env.CI === 'true') throw new Error('No Chromium: run `npm run test:tools`')
  return false
}

let shared: Promise<Browser> | undefined

/** The one browser of this run. What a test changes it changes in a context of its own. */
export function openBrowser(): Promise<Browser> {
  shared ??= launch()
  return shared
}

async function launch(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('No Chromium: run `npm run test:tools`')
  return chromium.launch({ executablePath, args: flags })
}

// A root hook: this module is loaded while mocha reads the test files. Scripts have no mocha.
if ('after' in globalThis) {
  after('close the browser', async () => {
    await (await shared)?.close()
  })
}

/** Writes what the page looks like on a phone and a desktop, light and dark, to `screenshots/<name>.<width>.<scheme>.png`. */
export async function shoot(page: Page, name: string): Promise<void> {
  await mkdir(screenshots, { recursive: true })
  const before = page.viewportSize()
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: width === 360 ? 720 : 800 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.screenshot({
        path: join(screenshots, `${name}.${width}.${colorScheme}.png`),
        fullPage: true,
      })
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  if (before) await page.setViewportSize(before)
}

/** One rule that the page breaks, and where. */
export interface Violation {
  rule: string
  impact: string
  help: string
  places: string[]
}

/** What axe has against the page as it is. */
export async function axe(page: Page): Promise<Violation[]> {
  // Evaluated, not added as an element: that is what the page's own policy forbids.
  await page.evaluate(axeCore.source)
  const { violations } = await page.evaluate(() => {
    const { axe } = globalThis as unknown as { axe: typeof axeCore }
    return axe.run({ resultTypes: ['violations'] })
  })
  return violations.map(({ id, impact, help, nodes }) => ({
    rule: id,
    impact: impact ?? 'unknown',
    help,
    places: nodes.map(({ html, target }) => `${target.join(' ')}: ${html.slice(0, 200)}`),
  }))
}
