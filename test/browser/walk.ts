/**
 * A journey in a browser of its own that is watched: whatever the console, a script or the content security
 * policy complains about fails it. It knows how to fill in the pages of the sign-in, not where they lead.
 */
import { expect } from 'chai'
import { generateSync } from 'otplib'
import type { BrowserContextOptions, ConsoleMessage, Page, Response } from 'playwright-core'
import { axe, openBrowser, shoot } from '../support/browser.ts'

export interface Walk {
  page: Page
  /** Another tab of the same browser. */
  tab(): Promise<Page>
}

/** A test's body. @throws when the browser complained, or the journey did not arrive */
export function walk(
  journey: (walk: Walk) => Promise<void>,
  options: BrowserContextOptions = {},
): () => Promise<void> {
  return async () => {
    const context = await (await openBrowser()).newContext({
      locale: 'en-GB',
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 800 },
      ...options,
    })
    context.setDefaultTimeout(20_000)
    const complaints: { text: string; url: string }[] = []
    const answers = new Set<string>()
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        console.error(`policy: ${violatedDirective} refused ${blockedURI}`),
      )
    })
    context.on('console', (message: ConsoleMessage) => {
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push({ text: message.text(), url: message.location().url })
    })
    context.on('weberror', (error) => complaints.push({ text: String(error.error()), url: '' }))
    context.on('response', (response: Response) => {
      if (response.request().isNavigationRequest()) answers.add(response.url())
    })
    const page = await context.newPage()
    try {
      await journey({ page, tab: () => context.newPage() })
      // The console tells of a page whose status is 4xx, too: a refused form is no fault of the page.
      const isAnswer = ({ text, url }: (typeof complaints)[0]) =>
        text.startsWith('Failed to load resource') && answers.has(url)
      expect(complaints.filter((one) => !isAnswer(one))).to.deep.equal([])
    } catch (error) {
      const where = context.pages().map((one) => one.url())
      const told = complaints.map(({ text }) => `  the console: ${text}`)
      console.error(['  the journey ended at:', ...where, ...told].join('\n  '))
      throw error
    } finally {
      await context.close()
    }
  }
}

const met = new Set<string>()

/**
 * Waits for the page with this heading. The first time a page is met under a name, axe judges it, and with
 * `SHOOT=1` its look is kept in `screenshots/`.
 */
export async function meet(page: Page, name: string, heading: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  if (met.has(name) || (await isWithoutScript(page))) return
  met.add(name)
  expect(await axe(page), name).to.deep.equal([])
  if (process.env.SHOOT === '1') await shoot(page, `journey.${name}`)
}

/** axe needs timers, which a page without script does not have. */
function isWithoutScript(page: Page): Promise<boolean> {
  return page.evaluate(() => matchMedia('(scripting: none)').matches)
}

/** Fills in the sign-in page and presses Enter. */
export async function fillSignIn(page: Page, who: { email: string; password: string }): Promise<void> {
  await page.locator('#f-identifier').fill(who.email)
  await page.locator('#f-password').fill(who.password)
  await page.locator('#f-password').press('Enter')
}

/** Types six digits; with script the page sends them by itself. */
export async function typeCode(page: Page, code: string, script = true): Promise<void> {
  await page.locator('#f-code').fill(code)
  if (!script) await page.locator('#f-code').press('Enter')
}

/** What an authenticator app shows whose key was typed off the page. */
export async function authenticatorCode(page: Page): Promise<string> {
  const secret = await page.locator('#secret').innerText()
  return generateSync({ secret: secret.replaceAll(' ', '') })
}

/** The six digits in a mail. */
export function codeIn(text: string): string {
  const digits = /\b(\d{3}) ?(\d{3})\b/.exec(text)
  if (!digits) throw new Error(`no code in ${text}`)
  return `${digits[1]}${digits[2]}`
}
