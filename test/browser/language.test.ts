import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { browserRuns } from '../support/browser.ts'
import { beginSignIn, relyingParty } from '../support/restaurant.ts'
import { type Stage, stages } from './stage.ts'
import { authenticatorCode, codeIn, fillSignIn, meet, typeCode, walk } from './walk.ts'

for (const { engine, stage } of browserRuns() ? stages : []) {
  describe(`DC-18 DC-2 GW-10 in German in Chromium (${engine})`, function () {
    this.timeout(60_000)
    this.slow(20_000)
    let house: Stage
    before(async () => {
      house = await stage()
    })

    it(
      'because the browser prefers it: sign-up, second factor, consent',
      walk(
        async ({ page }) => {
          const email = 'heike@piazza.example'
          await page.goto(`${house.planner.url}/sign-in`)
          await german(page, 'de-sign-in')
          await page.locator('.ways a').last().click()
          await german(page, 'de-sign-up')
          await page.locator('#f-email').fill(email)
          await page.locator('#f-password').fill('dreizehn Schnecken auf der Piazza')
          await page.locator('#f-password').press('Enter')
          await page.locator('#f-code').waitFor()
          await german(page, 'de-verify-email')
          const mail = await house.mailTo(email, /\d{3} \d{3}/)
          expect(mail.subject).to.match(/^Dein|^Ihr|Code/)
          await typeCode(page, codeIn(mail.text))
          await page.locator('#secret').waitFor()
          await german(page, 'de-enrol-totp')
          await typeCode(page, await authenticatorCode(page))
          await page.locator('#codes').waitFor()
          await german(page, 'de-recovery-codes')
          await page.locator('form button').last().click()
          await page.locator('.scopes').waitFor()
          await german(page, 'de-consent')
          await page.locator('form button').last().click()
          await meet(page, 'app-home', `Good to see you, ${email}`)
        },
        { locale: 'de-DE' },
      ),
    )

    it(
      'because the app asks for it, from the first page to the refusal',
      walk(async ({ page }) => {
        const phone = await relyingParty(house.app, 'phone')
        const { url } = await beginSignIn(phone, {
          redirect_uri: 'com.example.app:/cb',
          ui_locales: 'fr de en',
        })
        await page.goto(url.href)
        await german(page, 'de-sign-in-asked')
        await fillSignIn(page, { email: 'nobody@example.com', password: 'nothing that fits' })
        await page.locator('#problem').waitFor()
        await german(page, 'de-sign-in-wrong')
        await page.locator('.ways a').first().click()
        await german(page, 'de-forgot-password')
        await page.locator('.ways a').click()
        await page.locator('#f-password').waitFor()
        await fillSignIn(page, await house.hire('Paul'))
        await page.locator('a[href^="com.example.app:"]').waitFor()
        await german(page, 'de-go')
      }),
    )
  })
}

async function german(page: Page, name: string): Promise<void> {
  await meet(page, name, /./)
  expect(await page.locator('html').getAttribute('lang'), name).to.equal('de')
  expect(await page.locator('main').innerText(), name).not.to.match(/\b(the|your|you|and|password)\b/i)
}
