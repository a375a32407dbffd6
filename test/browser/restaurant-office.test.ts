import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { dayOf, weekOf } from '../../examples/restaurant/calendar.ts'
import { addWeeks } from '../../examples/restaurant/web/when.ts'
import { type Office, openOffice, PEOPLE } from '../restaurant/back-office-pages-house.ts'
import { browserRuns } from '../support/browser.ts'
import { engines } from '../support/engines.ts'
import { fillSignIn, meet, walk } from './walk.ts'

for (const engine of browserRuns() ? engines() : []) {
  describe(`GW-10 SB-2 SB-3 SB-9 RF-7 RF-8 the back office in Chromium (${engine.name})`, function () {
    this.timeout(120_000)
    this.slow(30_000)
    let office: Office
    const nextWeek = addWeeks(weekOf(dayOf(new Date(), 'Europe/Rome')), 1)

    before(async () => {
      // A test is slow at times: what is asked in the background must not be given up meanwhile.
      const patience = { timeoutMs: 1_500, restMs: 200, retries: { attempts: 100, pauses: [0.5] } }
      office = await openOffice(engine, { options: { patience } })
    })
    after(() => office?.stop())

    async function enter(page: Page, who: keyof typeof PEOPLE): Promise<void> {
      await page.goto(`${office.backOffice.url}/sign-in`)
      await fillSignIn(page, PEOPLE[who])
      await page.getByRole('heading', { level: 1, name: /Good to see you/ }).waitFor()
    }

    const at = (path: string) => `${office.backOffice.url}${path}`

    it(
      'SB-9 shows an owner how things go, and gives the numbers as files',
      walk(async ({ page }) => {
        await enter(page, 'ada')
        await meet(page, 'office-overview', 'Good to see you, Ada')
        await page.getByRole('link', { name: 'Analytics' }).click()
        await meet(page, 'office-sales', 'Sales trends')
        await page.getByRole('link', { name: '90 days' }).click()
        const drawing = page.getByRole('img', { name: 'Sales by day' })
        expect(await drawing.count()).to.equal(1)
        await page.getByText('Show the numbers').first().click()
        expect(await page.getByRole('table').first().getByRole('row').count()).to.equal(91)
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('link', { name: 'CSV by product' }).click(),
        ])
        expect(download.suggestedFilename()).to.match(/^sales-by-product-.*\.csv$/)
        expect(await readFile(await download.path(), 'utf8')).to.match(
          /^\ufeff?Product,Quantity,Sales,Currency/,
        )
        await page.getByRole('link', { name: 'Staff performance' }).click()
        await meet(page, 'office-performance', 'Staff performance')
        await page.getByRole('link', { name: 'Transaction history' }).click()
        await meet(page, 'office-history', 'Transaction history')

        await page.getByRole('button', { name: 'Sign out', exact: true }).click()
        await page.getByRole('button', { name: 'Sign out' }).first().click()
        await meet(page, 'office-signed-out', 'You are signed out')
        await page.goto(at('/analytics'))
        await meet(page, 'office-asks-again', /^Sign in to/)
      }),
    )

    it(
      'SB-2 SB-3 keeps customers, staff and transactions',
      walk(async ({ page, tab }) => {
        await enter(page, 'ada')
        await page.goto(at('/customers'))
        await meet(page, 'office-customers', 'Customers')
        await page.getByRole('link', { name: 'Add a customer' }).click()
        await meet(page, 'office-customer-new', 'Add a customer')
        await page.getByLabel('First name').fill('Zita')
        await page.getByLabel('Last name').fill('Quaglia')
        await page.getByLabel('Telephone').fill('soon')
        await page.getByLabel('Telephone').press('Enter')
        await meet(page, 'office-customer-refused', 'Add a customer')
        expect(await page.getByLabel('Last name').inputValue()).to.equal('Quaglia')
        await page.getByLabel('Telephone').fill('+39 081 555 12')
        await page.getByRole('button', { name: 'Save' }).last().click()
        await meet(page, 'office-customer', 'Zita Quaglia')

        const path = new URL(page.url()).pathname
        const other = await tab()
        await other.goto(at(`${path}/edit`))
        await page.goto(at(`${path}/edit`))
        await other.getByLabel('Note').fill('Vegan')
        await other.getByRole('button', { name: 'Save' }).last().click()
        await page.getByLabel('First name').fill('Zita Maria')
        await page.getByRole('button', { name: 'Save' }).last().click()
        await page.getByText('Somebody else changed this while you were typing.').waitFor()
        await meet(page, 'office-stale', 'Change Zita Quaglia')
        await page.getByRole('button', { name: 'Save' }).last().click()
        await meet(page, 'office-customer', 'Zita Maria Quaglia')
        expect(await page.locator('main').innerText()).to.include('Vegan')

        await page.goto(at('/transactions/new'))
        await meet(page, 'office-transaction-new', 'Add a transaction')
        await page.getByLabel('Find a customer').fill('quag')
        await page.getByRole('button', { name: 'Find' }).click()
        await page.getByLabel('Customer', { exact: true }).selectOption({ label: 'Zita Maria Quaglia' })
        await page.getByLabel('Product 1', { exact: true }).selectOption({ index: 2 })
        await page.getByLabel('How many of product 1').fill('3')
        await page.getByRole('button', { name: 'Save' }).last().click()
        await meet(page, 'office-transaction', /^€/)
        await page.getByRole('link', { name: 'Delete' }).click()
        await meet(page, 'office-delete', /^Delete €/)
        await page.getByRole('button', { name: 'Delete this transaction' }).click()
        await meet(page, 'office-transactions', 'Transactions')
        await page.goto(at('/staff'))
        await meet(page, 'office-staff', 'Staff')
        await page.goto(at('/staff/new'))
        await meet(page, 'office-staff-new', 'Add a staff member')
      }),
    )

    it(
      'RF-7 RF-8 gives a manager the rota at once, or later, or says what to do when it is down',
      walk(async ({ page }) => {
        await enter(page, 'bruno')
        await page.goto(at('/availability'))
        await meet(page, 'office-availability', 'Availability')
        await page.goto(at(`/shifts?week=${nextWeek}`))
        await meet(page, 'office-shifts', 'Shifts')
        await page.getByRole('link', { name: /^Fill \d+ open shifts/ }).click()
        await meet(page, 'office-rotas', 'Rota')
        await page.getByRole('button', { name: 'Ask now' }).click()
        await meet(page, 'office-rota-now', /^Rota of/)
        await page.getByRole('button', { name: 'Accept and fill the shifts' }).waitFor()
        office.rota.behaviour = 'down'
        await page.goto(at(`/shifts?week=${nextWeek}`))
        await page.getByRole('link', { name: /^Fill \d+ open shifts/ }).click()
        await page.getByRole('button', { name: 'Ask now' }).click()
        await meet(page, 'office-rota-down', 'No rota just now')
        office.rota.behaviour = 'slow'
        await page.getByRole('button', { name: 'Ask in the background' }).click()
        await page.getByRole('heading', { name: /^Step \d of 4/ }).waitFor()
        await meet(page, 'office-rota-waiting', /^Rota of/)
        office.rota.behaviour = 'well'
        // Nothing is pressed: the page looks again by itself.
        await page.getByRole('button', { name: 'Accept and fill the shifts' }).waitFor()
        await meet(page, 'office-rota-done', /^Rota of/)
        await page.getByRole('button', { name: 'Accept and fill the shifts' }).click()
        await page.getByText('The shifts of that week have their people now.').waitFor()
        await page.getByRole('link', { name: 'See the week' }).click()
        await meet(page, 'office-shifts-filled', 'Shifts')
        await page.locator('a.shift').first().click()
        await meet(page, 'office-shift', /^Monday/)
        await page.getByRole('link', { name: 'Change' }).click()
        await meet(page, 'office-shift-edit', /^Change Monday/)
        await page.goto(at('/stuck'))
        await meet(page, 'office-stuck-none', 'Stuck tasks')
      }),
    )

    it(
      'is used by keyboard and without scripts, on a phone',
      walk(
        async ({ page }) => {
          await enter(page, 'carla')
          for (const path of ['/', '/transactions', '/transactions/new', '/customers', '/staff', '/shifts']) {
            await page.goto(at(path))
            const wide = await page.evaluate(() => {
              const { clientWidth, scrollWidth } = document.documentElement
              return scrollWidth - clientWidth
            })
            expect(wide, path).to.be.at.most(0)
          }
          await page.goto(at('/'))
          expect(await page.getByRole('link', { name: 'Analytics' }).count()).to.equal(0)
          await page.keyboard.press('Tab')
          await page.keyboard.press('Enter')
          expect(new URL(page.url()).hash).to.equal('#main')
          await page.keyboard.press('Tab')
          await page.keyboard.press('Enter')
          await meet(page, 'office-phone', 'Add a transaction')
          await page.getByLabel('Customer', { exact: true }).selectOption({ index: 3 })
          await page.getByLabel('Product 1', { exact: true }).selectOption({ index: 1 })
          await page.getByLabel('How many of product 1').fill('2')
          await page.keyboard.press('Enter')
          await page.getByText('It is saved.').waitFor()
        },
        { javaScriptEnabled: false, viewport: { width: 360, height: 720 } },
      ),
    )
  })
}
