import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { addDays } from '../../examples/restaurant/calendar.ts'
import { startKitchen } from '../../examples/restaurant/kitchen/kitchen.ts'
import type { WebApp } from '../../examples/restaurant/web/web-app.ts'
import { emailOf, type PersonName } from '../support/back-office.ts'
import { browserRuns } from '../support/browser.ts'
import { engines } from '../support/engines.ts'
import { type FrontHouse, openFrontOfHouse } from '../support/front-of-house.ts'
import { PASSWORD } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { fillSignIn, meet, walk } from './walk.ts'

for (const engine of browserRuns() ? engines() : []) {
  describe(`RF-5 DC-5 GW-10 the front of house in Chromium (${engine.name})`, function () {
    this.timeout(60_000)
    this.slow(20_000)
    let house: FrontHouse
    let front: WebApp
    let kitchen: WebApp

    before(async () => {
      house = await openFrontOfHouse(engine)
      front = house.frontOfHouse
      kitchen = await openKitchen(house)
    })
    after(async () => {
      await kitchen?.close()
      await house?.stop()
    })

    const person = (who: PersonName) => ({ email: emailOf(who), password: PASSWORD })

    it(
      'a guest books a table, pays the bill and leaves all apps at once',
      walk(async ({ page, tab }) => {
        await page.goto(front.url)
        await meet(page, 'front-welcome', 'Welcome to Bella Napoli')
        await page.getByRole('link', { name: 'Sign in' }).click()
        await fillSignIn(page, person('dario'))
        await meet(page, 'front-guest', 'Good to see you, Dario')
        await fits(page)

        await page.getByRole('navigation').getByRole('link', { name: 'Book a table' }).click()
        await meet(page, 'front-restaurants', 'Where would you like to eat?')
        await page.getByRole('link', { name: 'Bella Napoli Roma' }).waitFor()
        await page.locator('a[href="/book/napoli"]').click()
        await meet(page, 'front-book', 'A table at Bella Napoli')
        await fits(page)
        await page.getByLabel('Guests').fill('4')
        await page.getByRole('button', { name: 'Book the table' }).click()
        await page.getByRole('alert').waitFor()
        await meet(page, 'front-book-wrong', 'A table at Bella Napoli')
        expect(await page.getByLabel('Guests').inputValue()).to.equal('4')
        await page.getByLabel('Day').fill(addDays(new Date().toISOString().slice(0, 10), 2))
        await page.getByLabel('Time').fill('20:30')
        await page.getByRole('button', { name: 'Book the table' }).click()
        await page.getByText('Your table is booked').waitFor()
        await meet(page, 'front-booking', 'Your table at Bella Napoli')
        expect(await page.getByText('20:30').count()).to.equal(1)
        await fits(page)

        await house.serve(new URL(page.url()).pathname.split('/').pop() ?? '')
        await page.goto(front.url)
        await page.getByText('Bill to pay').waitFor()
        await page.getByRole('link', { name: 'Bella Napoli', exact: true }).click()
        await meet(page, 'front-bill', 'Your table at Bella Napoli')
        await fits(page)
        await page.getByRole('button', { name: 'Pay €19.00' }).click()
        await page.getByText('Your bill is paid').waitFor()
        await meet(page, 'front-paid', 'Your table at Bella Napoli')

        const other = await tab()
        await other.goto(`${kitchen.url}/sign-in`)
        await other.getByRole('heading', { name: 'Good to see you, Dario' }).waitFor()
        await page.getByRole('button', { name: 'Sign out', exact: true }).click()
        await page.getByRole('button', { name: 'Sign out' }).first().click()
        await meet(page, 'front-signed-out', 'You are signed out')
        await page.goto(`${front.url}/bookings`)
        await page.waitForURL(`${house.maitred.url}/**`)
        // The kitchen learns of it from the provider, not from this browser.
        await until(async () => {
          await other.goto(kitchen.url)
          await other.getByRole('heading', { name: 'Welcome' }).waitFor({ timeout: 500 })
        }, 15_000)
      }),
    )

    it(
      'a waiter gives their times by keyboard, and comes to them through the sign-in',
      walk(async ({ page }) => {
        await page.goto(`${front.url}/availability`)
        await fillSignIn(page, person('carla'))
        await meet(page, 'front-times', 'When can you work?')
        await fits(page)
        const monday = page.getByRole('group', { name: 'Monday' })
        await monday.getByLabel('Monday, from').fill('09:00')
        await monday.getByRole('button', { name: 'Another time' }).focus()
        await page.keyboard.press('Enter')
        // The new row has the focus.
        await page.locator('#from-1-1:focus').waitFor()
        await meet(page, 'front-times-more', 'When can you work?')
        await page.locator('#from-1-1').press('Enter')
        await page.getByRole('alert').getByText('Monday: Say until when.').waitFor()
        await meet(page, 'front-times-wrong', 'When can you work?')
        await fits(page)
        await monday.getByLabel('Monday, to', { exact: true }).fill('14:00')
        await page.getByRole('button', { name: 'Save your times' }).press('Enter')
        await page.getByText('Your times are saved.').waitFor()
        const { body } = await house.call('carla', 'GET', '/availability/me')
        expect(body.slots).to.deep.equal([{ weekday: 1, from: '09:00', to: '14:00' }])

        await page.getByRole('link', { name: 'Your shifts' }).click()
        await meet(page, 'front-shifts', 'Your shifts')
        await page.getByRole('link', { name: 'The week after' }).click()
        await page.getByRole('link', { name: 'This week' }).click()
        await page.goto(front.url)
        await meet(page, 'front-waiter', 'Good to see you, Carla')
        await fits(page)
        await page.goto(`${front.url}/book`)
        await meet(page, 'front-forbidden', 'Not yours to open')
      }),
    )

    it(
      'works without script, on a phone',
      walk(
        async ({ page }) => {
          await page.goto(`${front.url}/book/roma`)
          await fillSignIn(page, person('dario'))
          await meet(page, 'front-book', 'A table at Bella Napoli Roma')
          await page.getByLabel('Day').fill(addDays(new Date().toISOString().slice(0, 10), 30))
          await page.getByLabel('Time').fill('12:15')
          await page.getByRole('button', { name: 'Book the table' }).click()
          await page.getByRole('link', { name: 'Cancel the booking' }).click()
          await meet(page, 'front-cancel', 'Cancel this booking?')
          await page.getByRole('button', { name: 'Cancel the booking' }).click()
          await page.getByText('Your booking is cancelled.').waitFor()
          await page.getByRole('button', { name: 'Leave this app' }).click()
          await page.getByRole('heading', { name: 'Welcome' }).waitFor()
        },
        { javaScriptEnabled: false, viewport: { width: 360, height: 720 } },
      ),
    )
  })
}

async function openKitchen({ maitred }: FrontHouse): Promise<WebApp> {
  const { applications } = maitred
  await applications.put({ _id: 'kitchen-display', name: 'Kitchen display', firstParty: true }, 'test')
  const clientSecret = await applications.newSecret('kitchen-display', 'test')
  const kitchen = await startKitchen({ issuer: maitred.url, port: 0, clientSecret })
  const addresses = {
    redirectUris: [`${kitchen.url}/callback`],
    backchannelLogoutUri: `${kitchen.url}/backchannel-logout`,
  }
  const next = (before: object | undefined) => ({
    ...before,
    _id: 'kitchen-display',
    name: kitchen.name,
    ...addresses,
  })
  await applications.change('kitchen-display', next, 'test')
  return kitchen
}

/** Nothing stands out to the right: on a phone, on a narrow one, and on a phone at 200 %. */
async function fits(page: Page): Promise<void> {
  const before = page.viewportSize()
  for (const width of [360, 320, 180]) {
    await page.setViewportSize({ width, height: 720 })
    const over = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement
      return scrollWidth - clientWidth
    })
    expect(over, `${page.url()} at ${width} px`).to.be.at.most(0)
  }
  if (before) await page.setViewportSize(before)
}
