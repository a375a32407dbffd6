/** One's own pages in a real browser, with real data: each is used once, and looked at. */
import { expect } from 'chai'
import { generateSync } from 'otplib'
import type { BrowserContext, Page } from 'playwright-core'
import { type RunningApp, startApp } from '../support/app.ts'
import { axe, browserRuns, openBrowser, shoot } from '../support/browser.ts'
import { engines } from '../support/engines.ts'
import { signInToAccount } from '../support/resident.ts'
import { beginSignIn, PASSWORD, relyingParty, seedRestaurant } from '../support/restaurant.ts'
import { samplePicture } from '../support/sample-picture.ts'
import { createVisitor } from '../support/visitor.ts'

const LONG = 'Rindfleischetikettierungsüberwachungsstraße 17'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1'

for (const engine of browserRuns() ? engines().slice(0, 1) : []) {
  for (const locale of ['en-GB', 'de-DE']) {
    describe(`GW-10 AA-3 one's own pages in Chromium (${locale})`, function () {
      this.timeout(120_000)
      this.slow(60_000)
      let app: RunningApp
      let context: BrowserContext
      let page: Page

      before(async () => {
        app = await startApp(engine)
        await seedRestaurant(app)
        await giveAPast(app)
        context = await (await openBrowser()).newContext({ locale, reducedMotion: 'reduce' })
        page = await context.newPage()
      })
      after(async () => {
        await context?.close()
        await app?.stop()
      })

      /** Nothing scrolls sideways, on a phone in the light or on a desk in the dark, and axe has nothing to say. */
      async function judge(name: string): Promise<void> {
        for (const [width, colorScheme] of [
          [360, 'light'],
          [1280, 'dark'],
        ] as const) {
          await page.setViewportSize({ width, height: 800 })
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          )
          expect([name, width, overflow]).to.deep.equal([name, width, 0])
          // Words differ in their length, not in what a screen reader makes of them.
          if (locale === 'en-GB') expect(await axe(page), `${name} ${width}`).to.deep.equal([])
        }
        if (process.env.SHOOT === '1') await shoot(page, `account.${locale.slice(0, 2)}.${name}`)
      }

      const press = (path: string) =>
        page.locator(`main form[action="${path}"] button[type=submit]`).first().click()

      it('are reached through the sign-in, used, and left', async () => {
        await page.goto(`${app.url}/account/profile`)
        await page.locator('#f-identifier').fill('ada@example.com')
        await page.locator('#f-password').fill(PASSWORD)
        await page.locator('#f-password').press('Enter')
        await page.waitForURL('**/account/profile')
        await judge('profile-new')

        await page.locator('#f-street').fill(LONG)
        await page.locator('#f-phone').fill('551')
        await press('/account/profile')
        await page.locator('#problem').waitFor()
        await judge('profile-wrong')
        await page.locator('#f-phone').fill('+39 081 551 7123')
        await page.locator('#f-username').fill('ada')
        await press('/account/profile')
        await page.getByRole('status').first().waitFor()
        const picture = { name: 'ada.jpg', mimeType: 'image/jpeg', buffer: samplePicture('jpeg') }
        await page.locator('#f-picture').setInputFiles(picture)
        await press('/account/profile')
        await page.locator('main img.face').waitFor()
        await judge('profile')

        await page.goto(`${app.url}/account/email`)
        await judge('email')
        await page.locator('#f-email').fill('ada.rossi@gasthaus-donaudampfschifffahrt.example')
        await press('/account/email')
        await page.locator('#f-code').waitFor()
        await judge('email-pending')
        await press('/account/email/cancel')

        await page.goto(`${app.url}/account/password`)
        await judge('password')
        await page.locator('#f-currentPassword').fill('wrong')
        await page.locator('#f-password').fill('seven-lanterns-over-the-quay')
        await press('/account/password')
        await page.locator('#problem').waitFor()
        await judge('password-wrong')

        for (const place of ['security', 'sessions', 'history', 'applications', 'data']) {
          await page.goto(`${app.url}/account/${place}`)
          await judge(place)
        }
        await page.goto(`${app.url}/account/security/totp`)
        await judge('totp-enrol')
        const secret = (await page.locator('#secret').innerText()).replaceAll(' ', '')
        await page.locator('#f-code').fill(generateSync({ secret }))
        await page.locator('#codes').waitFor()
        await judge('recovery-codes')
        await press('/account/security/recovery-codes/saved')
        await page.waitForURL('**/account/security?done=factorOn')
        await judge('security-on')

        await page.goto(`${app.url}/account/data`)
        await page.locator('#f-confirm').check()
        await press('/account/data/delete')
        await page.waitForURL('**/account/data/delete')
        await judge('deleted')
      })
    })
  }
}

/** Other devices, failed attempts and an application that was allowed something. */
async function giveAPast(app: RunningApp): Promise<void> {
  await signInToAccount(app, { headers: { 'user-agent': IPHONE } })
  const guessing = createVisitor(app.url, { 'user-agent': 'curl/8' })
  const ada = { identifier: 'ada@example.com', password: PASSWORD }
  await guessing.submit(await guessing.get('/account'), { ...ada, password: 'guess' }, 'sign-in')
  const planner = await relyingParty(app, 'planner', await app.applications.newSecret('planner', 'test'))
  const visitor = createVisitor(app.url)
  const { url } = await beginSignIn(planner, { scope: 'openid profile email bookings.read offline_access' })
  const asked = await visitor.submit(await visitor.get(url.href), ada, 'sign-in')
  await visitor.submit(asked, {}, 'consent')
}
