import { expect } from 'chai'
import { browserRuns } from '../support/browser.ts'
import { until } from '../support/until.ts'
import { type Stage, stages } from './stage.ts'
import { fillSignIn, meet, walk } from './walk.ts'

for (const { engine, stage } of browserRuns() ? stages : []) {
  describe(`DC-5 GW-10 one sign-in for two apps in Chromium (${engine})`, function () {
    this.timeout(60_000)
    this.slow(20_000)
    let house: Stage
    before(async () => {
      house = await stage()
    })

    it(
      'enters the second app without a password, and leaves all of them at once',
      walk(async ({ page, tab }) => {
        const { frontOfHouse, kitchen } = house
        const elena = await house.hire('Elena')
        await page.goto(frontOfHouse.url)
        await meet(page, 'app-welcome', 'Welcome')
        await page.getByRole('link', { name: 'Sign in' }).click()
        await meet(page, 'sign-in', /^Sign in to .*Front of house$/)
        await fillSignIn(page, elena)
        await meet(page, 'app-home-waiter', 'Good to see you, Elena')
        await page.getByRole('link', { name: 'Kitchen display' }).click()
        await page.waitForURL(`${kitchen.url}/`)
        await meet(page, 'app-home-second', 'Good to see you, Elena')
        expect(await page.locator('.role').allInnerTexts()).to.deep.equal(['waiter'])

        const other = await tab()
        await other.goto(frontOfHouse.url)
        await other.getByRole('button', { name: 'Sign out', exact: true }).click()
        await meet(other, 'sign-out', 'Sign out?')
        await other.getByRole('button', { name: 'Sign out' }).first().click()
        await meet(other, 'app-signed-out', 'You are signed out')
        // The kitchen learns of it from the provider, not from this browser.
        await until(async () => {
          await page.goto(kitchen.url)
          await page.getByRole('heading', { name: 'Welcome' }).waitFor({ timeout: 500 })
        }, 15_000)
        await page.goto(`${kitchen.url}/sign-in`)
        await meet(page, 'sign-in-second', /^Sign in to .*Kitchen display$/)
      }),
    )

    it(
      'stays signed in after a second thought',
      walk(async ({ page }) => {
        const fabio = await house.hire('Fabio')
        await page.goto(`${house.frontOfHouse.url}/sign-in`)
        await fillSignIn(page, fabio)
        await meet(page, 'app-home-waiter', 'Good to see you, Fabio')
        await page.goto(`${house.app.url}/session/end`)
        await meet(page, 'sign-out-bare', 'Sign out?')
        await page.getByRole('link', { name: 'Stay signed in' }).click()
        await page.waitForURL(`${house.app.url}/account/profile`)
        await page.goto(`${house.kitchen.url}/sign-in`)
        await meet(page, 'app-home-second', 'Good to see you, Fabio')
        await page.goto(`${house.app.url}/session/end`)
        await page.getByRole('button', { name: 'Sign out' }).first().click()
        await meet(page, 'signed-out', 'You are signed out')
      }),
    )

    it(
      'tabs with two sign-ins at once do not collide, though somebody errs in one of them',
      walk(async ({ page, tab }) => {
        const gina = await house.hire('Gina')
        const other = await tab()
        await page.goto(`${house.frontOfHouse.url}/sign-in`)
        await other.goto(`${house.kitchen.url}/sign-in`)
        await fillSignIn(page, { ...gina, password: 'a wrong one' })
        await meet(page, 'sign-in-wrong', /Front of house$/)
        await fillSignIn(other, gina)
        await other.waitForURL(`${house.kitchen.url}/`)
        await fillSignIn(page, gina)
        await page.waitForURL(`${house.frontOfHouse.url}/`)
        for (const one of [page, other]) await meet(one, 'app-home-waiter', 'Good to see you, Gina')
      }),
    )

    it(
      'a page that is bookmarked or gone back to leads to the app again',
      walk(async ({ page, tab }) => {
        const hugo = await house.hire('Hugo')
        await page.goto(`${house.kitchen.url}/sign-in`)
        const bookmark = page.url()
        await fillSignIn(page, hugo)
        await meet(page, 'app-home-second', 'Good to see you, Hugo')

        const later = await tab()
        expect((await later.goto(bookmark))?.status()).to.equal(410)
        await meet(later, 'expired', 'This page has expired')
        await later.getByRole('link', { name: /^Go on to .*Kitchen display$/ }).click()
        // Still signed in there: no question at all.
        await meet(later, 'app-home-second', 'Good to see you, Hugo')

        await walk(async ({ page: stranger }) => {
          await stranger.goto(bookmark)
          await meet(stranger, 'expired', 'This page has expired')
          await stranger.getByRole('link', { name: /^Go on to .*Kitchen display$/ }).click()
          await meet(stranger, 'sign-in-second', /Kitchen display$/)
          expect(stranger.url()).not.to.equal(bookmark)
        })()

        await page.goBack()
        await page.getByRole('heading', { name: /Good to see you|Welcome|This page has expired/ }).waitFor()
        await page.goto(`${house.app.url}/flow/nothing`)
        await meet(page, 'expired-unknown', 'This page has expired')
        await page.goto(`${house.app.url}/nothing`)
        await meet(page, 'not-found', 'There is nothing here')
      }),
    )
  })
}
