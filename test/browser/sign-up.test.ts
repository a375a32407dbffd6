import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { browserRuns } from '../support/browser.ts'
import { type Stage, stages } from './stage.ts'
import { authenticatorCode, codeIn, fillSignIn, meet, typeCode, walk } from './walk.ts'

const PASSWORD = 'thirteen snails cross the piazza'

for (const { engine, stage } of browserRuns() ? stages : []) {
  describe(`DC-2 GW-10 DC-7 a new person in Chromium (${engine})`, function () {
    this.timeout(60_000)
    this.slow(20_000)
    let house: Stage
    before(async () => {
      house = await stage()
    })

    const grace = { email: 'grace@piazza.example', password: PASSWORD, codes: [] as string[] }

    it(
      'signs up, proves the address, sets up a second factor, consents, and the app knows name and role',
      walk(async ({ page, tab }) => {
        await beginAtPlanner(house, page)
        await meet(page, 'sign-up', /^Create an account with .* to go on to Table Planner$/)
        await page.locator('#f-email').fill(grace.email)
        await page.locator('#f-password').fill(grace.password)
        await page.getByLabel('First name').fill('Grace')
        await page.getByLabel('Last name').fill('Amato')
        await page.getByRole('button', { name: 'Create account' }).click()
        await meet(page, 'verify-email', 'Check your email')
        await typeCode(page, '000000')
        await meet(page, 'verify-email-wrong', 'Check your email')
        expect(await page.locator('#f-code-wrong').innerText()).to.match(/^That code is not right/)
        await typeCode(page, await codeInDevMail(await tab(), house, grace.email))

        await meet(page, 'enrol-totp', 'Set up two-step sign-in')
        await typeCode(page, '000000')
        await meet(page, 'enrol-totp-wrong', 'Set up two-step sign-in')
        await typeCode(page, await authenticatorCode(page))
        await meet(page, 'recovery-codes', 'Save your recovery codes')
        grace.codes = await page.locator('#codes li').allInnerTexts()
        await page.getByRole('button', { name: 'I have saved them' }).click()

        await meet(page, 'consent', 'Table Planner asks for access to your account')
        expect(await page.locator('main').innerText())
          .to.include(grace.email)
          .and.include('Grace Amato')
          .and.include('Owner')
          .and.include('Cucina Software')
        await page.getByRole('button', { name: 'Allow', exact: true }).click()
        await meet(page, 'app-home', 'Good to see you, Grace')
        expect(await page.locator('.role').allInnerTexts()).to.deep.equal(['owner'])
        expect(await page.locator('main').innerText()).to.include('Plan every table')
      }),
    )

    it(
      'loses the phone, comes in with a recovery code once, and is known by name',
      walk(async ({ page }) => {
        await page.goto(`${house.planner.url}/sign-in`)
        await fillSignIn(page, grace)
        await meet(page, 'second-factor', 'Enter your code')
        await page.getByRole('link', { name: 'Lost your phone? Use a recovery code' }).click()
        await meet(page, 'recovery-code', 'Use a recovery code')
        await useRecoveryCode(page, 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE')
        await meet(page, 'recovery-code-wrong', 'Use a recovery code')
        expect(await page.locator(':focus').getAttribute('id')).to.equal('problem')
        const [code = ''] = grace.codes
        await useRecoveryCode(page, code.toLowerCase())
        await meet(page, 'app-home-name', 'Good to see you, Grace')
        expect(await page.locator('.role').allInnerTexts()).to.deep.equal(['owner'])
      }),
    )

    it(
      'is not let in by the same recovery code again',
      walk(async ({ page }) => {
        await page.goto(`${house.planner.url}/sign-in`)
        await fillSignIn(page, grace)
        await page.getByRole('link', { name: 'Lost your phone? Use a recovery code' }).click()
        await useRecoveryCode(page, String(grace.codes[0]))
        await page.locator('#f-code-wrong').getByText('That recovery code is not right').waitFor()
        await page.getByRole('link', { name: 'Use your authenticator app' }).click()
        await meet(page, 'second-factor', 'Enter your code')
        await page.getByRole('button', { name: 'Back to Table Planner' }).click()
        await meet(page, 'app-refused', 'You are not signed in')
      }),
    )

    it(
      'goes the same way without script',
      walk(
        async ({ page }) => {
          const email = 'no.script@piazza.example'
          await beginAtPlanner(house, page)
          await page.locator('#f-email').fill(email)
          await page.locator('#f-password').fill('short')
          await page.locator('#f-email').press('Enter')
          // The browser itself refuses the short one and says so; nothing was sent.
          await meet(page, 'sign-up', /^Create an account/)
          await page.locator('#f-password').fill(PASSWORD)
          await page.locator('#f-password').press('Enter')
          await meet(page, 'verify-email', 'Check your email')
          const { text } = await house.mailTo(email, /code/i)
          await typeCode(page, codeIn(text), false)
          await meet(page, 'enrol-totp', 'Set up two-step sign-in')
          await typeCode(page, await authenticatorCode(page), false)
          await meet(page, 'recovery-codes', 'Save your recovery codes')
          await page.getByRole('button', { name: 'I have saved them' }).click()
          await meet(page, 'consent', /asks for access/)
          await page.getByRole('button', { name: 'Allow', exact: true }).click()
          await meet(page, 'app-home', `Good to see you, ${email}`)
        },
        { javaScriptEnabled: false },
      ),
    )

    it(
      'opens the mailed link instead of typing the code, and goes on where the sign-in was',
      walk(async ({ page, tab }) => {
        const email = 'by.link@piazza.example'
        await page.goto(`${house.frontOfHouse.url}/sign-in`)
        await page.getByRole('link', { name: 'Create an account' }).click()
        await page.locator('#f-email').fill(email)
        await page.locator('#f-password').fill(PASSWORD)
        await page.locator('#f-password').press('Enter')
        await meet(page, 'verify-email', 'Check your email')
        const link = await linkIn(house, email)
        const other = await tab()
        await other.goto(link)
        await meet(other, 'confirm-email', 'Confirm your email address')
        await other.getByRole('button', { name: 'Confirm address' }).click()
        await meet(other, 'email-verified', 'Your email address is confirmed')
        await other.getByRole('link', { name: 'Continue' }).click()
        await meet(other, 'sign-in-confirmed', /^Sign in to/)
        expect(await other.locator('.notice').innerText()).to.include('Your address is confirmed')
        expect(await other.locator('#f-identifier').inputValue()).to.equal(email)
        await page.reload()
        await meet(page, 'sign-in-confirmed-first-tab', /^Sign in to/)
        await fillSignIn(other, { email, password: PASSWORD })
        await meet(other, 'app-home-customer', `Good to see you, ${email}`)
        expect(await other.locator('.role').allInnerTexts()).to.deep.equal(['customer'])
        await other.goto(link)
        await meet(other, 'link-used', 'Your email address is confirmed')
      }),
    )

    it(
      'opens the link in another browser and is asked for the password of the sign-up',
      walk(async ({ page }) => {
        const email = 'elsewhere@piazza.example'
        await walk(async ({ page: first }) => {
          await first.goto(`${house.frontOfHouse.url}/sign-in`)
          await first.getByRole('link', { name: 'Create an account' }).click()
          await first.locator('#f-email').fill(email)
          await first.locator('#f-password').fill(PASSWORD)
          await first.locator('#f-password').press('Enter')
          await meet(first, 'verify-email', 'Check your email')
        })()
        await page.goto(await linkIn(house, email))
        await meet(page, 'verify-elsewhere', 'Confirm your email address')
        await page.locator('#f-password').fill('a guess of a stranger')
        await page.locator('#f-password').press('Enter')
        await meet(page, 'verify-elsewhere-wrong', 'Confirm your email address')
        await page.locator('#f-password').fill(PASSWORD)
        await page.locator('#f-password').press('Enter')
        await meet(page, 'email-verified-elsewhere', 'Your email address is confirmed')
        await page.getByRole('link', { name: 'Continue' }).click()
        await page.getByText('Sign in to').waitFor()
      }),
    )
  })
}

async function beginAtPlanner(house: Stage, page: Page): Promise<void> {
  await page.goto(house.planner.url)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await meet(page, 'sign-in-third-party', /^Sign in with .* to go on to Table Planner$/)
  await page.getByRole('link', { name: 'Create an account' }).click()
}

/** As one reads it on a development machine: the list of mails, the mail, the code in it. */
async function codeInDevMail(page: Page, { app }: Stage, address: string): Promise<string> {
  await page.goto(`${app.url}/dev/mail`)
  await meet(page, 'dev-mail', 'Mails')
  await page.getByRole('row').filter({ hasText: address }).getByRole('link').first().click()
  await meet(page, 'dev-message', /code/i)
  const code = codeIn(await page.locator('.letter').innerText())
  await page.getByRole('link', { name: 'As the reader sees it' }).click()
  await page.getByRole('heading', { name: 'Confirm your email address' }).waitFor()
  await page.close()
  return code
}

async function useRecoveryCode(page: Page, code: string): Promise<void> {
  await page.locator('#f-code').fill(code)
  await page.locator('#f-code').press('Enter')
}

async function linkIn(house: Stage, address: string): Promise<string> {
  const { text } = await house.mailTo(address, /verify-email\?token=/)
  return /http:\S+verify-email\?token=\S+/.exec(text)?.[0] ?? ''
}
