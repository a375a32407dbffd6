import { expect } from 'chai'
import { browserRuns } from '../support/browser.ts'
import { type Stage, stages } from './stage.ts'
import { fillSignIn, meet, walk } from './walk.ts'

const FRESH = 'nine umbrellas dry on the roof'

for (const { engine, stage } of browserRuns() ? stages : []) {
  describe(`DC-6 DC-2 GW-10 a forgotten password in Chromium (${engine})`, function () {
    this.timeout(60_000)
    this.slow(20_000)
    let house: Stage
    before(async () => {
      house = await stage()
    })

    it(
      'is forgotten inside a sign-in, set anew by a mailed link, and the sign-in goes on',
      walk(async ({ page, tab }) => {
        const mara = await house.hire('Mara')
        await page.goto(`${house.kitchen.url}/sign-in`)
        await fillSignIn(page, { ...mara, password: 'was it this one' })
        await meet(page, 'sign-in-wrong', /^Sign in to .*Kitchen display$/)
        await page.getByRole('link', { name: 'Forgot your password?' }).click()
        await meet(page, 'forgot-password', 'Forgot your password?')
        await page.locator('#f-email').fill(mara.email)
        await page.getByRole('button', { name: 'Send link' }).click()
        await meet(page, 'forgot-sent', 'Check your email')

        const { text } = await house.mailTo(mara.email, /reset-password\?token=/)
        const link = /http:\S+reset-password\?token=\S+/.exec(text)?.[0] ?? ''
        const mailed = await tab()
        await mailed.goto(link)
        await meet(mailed, 'reset-password', 'Set a new password')
        await mailed.locator('#f-password').fill('bella napoli bella napoli')
        await mailed.locator('#f-password').press('Enter')
        await meet(mailed, 'reset-password-wrong', 'Set a new password')
        await mailed.locator('#f-password').fill(FRESH)
        await mailed.locator('#f-password').press('Enter')
        await meet(mailed, 'password-done', 'Your new password is set')
        await mailed.getByRole('link', { name: 'Sign in' }).click()
        await meet(mailed, 'sign-in-second', /^Sign in to .*Kitchen display$/)
        await fillSignIn(mailed, { ...mara, password: FRESH })
        await mailed.waitForURL(`${house.kitchen.url}/`)
        await meet(mailed, 'app-home-waiter', 'Good to see you, Mara')

        await mailed.goto(link)
        await meet(mailed, 'reset-expired', 'This link no longer works')
        await page.getByRole('link', { name: 'Back to sign in' }).click()
        await page.getByRole('heading', { name: /This page has expired|Good to see you/ }).waitFor()
      }),
    )

    it(
      'tells a stranger the same, and the way back to the sign-in is there',
      walk(async ({ page }) => {
        await page.goto(`${house.kitchen.url}/sign-in`)
        await page.getByRole('link', { name: 'Forgot your password?' }).click()
        await page.locator('#f-email').fill('nobody@example.com')
        await page.getByRole('button', { name: 'Send link' }).click()
        await meet(page, 'forgot-sent', 'Check your email')
        await page.getByRole('link', { name: 'Back to sign in' }).click()
        await meet(page, 'sign-in-second', /^Sign in to .*Kitchen display$/)
      }),
    )

    it(
      'is set anew in another browser, where there is no sign-in to go back to',
      walk(async ({ page }) => {
        const nico = await house.hire('Nico')
        await walk(async ({ page: first }) => {
          await first.goto(`${house.kitchen.url}/sign-in`)
          await first.getByRole('link', { name: 'Forgot your password?' }).click()
          await first.locator('#f-email').fill(nico.email)
          await first.locator('#f-email').press('Enter')
          await meet(first, 'forgot-sent', 'Check your email')
        })()
        const { text } = await house.mailTo(nico.email, /reset-password\?token=/)
        await page.goto(/http:\S+reset-password\?token=\S+/.exec(text)?.[0] ?? '')
        await page.locator('#f-password').fill(FRESH)
        await page.locator('#f-password').press('Enter')
        await page.getByRole('link', { name: 'Sign in' }).click()
        // The sign-in lies in the other browser; here it begins anew, for the same app.
        await meet(page, 'expired', 'This page has expired')
        await page.getByRole('link', { name: /^Go on to .*Kitchen display$/ }).click()
        await fillSignIn(page, { ...nico, password: FRESH })
        await page.waitForURL(`${house.kitchen.url}/`)
        expect(await page.locator('main').innerText()).to.include('Good to see you, Nico')
      }),
    )
  })
}
