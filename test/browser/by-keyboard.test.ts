import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { browserRuns } from '../support/browser.ts'
import { type Stage, stages } from './stage.ts'
import { fillSignIn, meet, walk } from './walk.ts'

for (const { engine, stage } of browserRuns() ? stages : []) {
  describe(`DC-2 GW-10 without mouse, eyes or script in Chromium (${engine})`, function () {
    this.timeout(60_000)
    this.slow(20_000)
    let house: Stage
    before(async () => {
      house = await stage()
    })

    it(
      'signs in by the keyboard alone, and hears of a mistake at once',
      walk(async ({ page }) => {
        const { keyboard } = page
        const rosa = await house.hire('Rosa')
        await page.goto(`${house.kitchen.url}/sign-in`)
        expect(await focused(page)).to.equal('f-identifier')
        await keyboard.type(rosa.email)
        await keyboard.press('Tab')
        await keyboard.type('not this one')
        for (const name of ['Show', 'Sign in']) {
          await keyboard.press('Tab')
          expect(await focused(page)).to.equal(name)
        }
        await keyboard.press('Enter')
        await page.locator('#problem').waitFor()
        expect(await focused(page)).to.equal('problem')
        expect(await page.locator('#f-identifier').inputValue()).to.equal(rosa.email)
        expect(await page.locator('#f-password').inputValue()).to.equal('')
        await keyboard.press('Tab')
        expect(await focused(page)).to.equal('f-identifier')
        await keyboard.press('Tab')
        await keyboard.type(rosa.password)
        await keyboard.press('Enter')
        await meet(page, 'app-home-second', 'Good to see you, Rosa')
      }),
    )

    it(
      'fits a phone at 200 %, from the sign-in to the consent',
      walk(
        async ({ page }) => {
          const sara = await house.hire('Sara')
          await page.goto(`${house.planner.url}/sign-in`)
          await fits(page)
          await page.getByRole('link', { name: 'Create an account' }).click()
          await fits(page)
          await page.getByRole('link', { name: /Sign in/ }).click()
          await page.getByRole('link', { name: 'Forgot your password?' }).click()
          await fits(page)
          await page.goBack()
          await fillSignIn(page, { ...sara, password: 'not this one' })
          await page.locator('#problem').waitFor()
          await fits(page)
          await fillSignIn(page, sara)
          await meet(page, 'consent-narrow', /asks for access/)
          await fits(page)
          await page.getByRole('button', { name: 'Do not allow' }).click()
          await meet(page, 'app-refused', 'You are not signed in')
        },
        { viewport: { width: 360, height: 720 } },
      ),
    )

    it(
      'signs in and out without script',
      walk(
        async ({ page }) => {
          const tito = await house.hire('Tito')
          await page.goto(`${house.kitchen.url}/sign-in`)
          await fillSignIn(page, { ...tito, password: 'not this one' })
          await page.locator('#problem').waitFor()
          await fillSignIn(page, tito)
          await meet(page, 'app-home-second', 'Good to see you, Tito')
          await page.getByRole('button', { name: 'Sign out', exact: true }).click()
          await page.getByRole('button', { name: 'Sign out' }).first().click()
          await meet(page, 'app-signed-out', 'You are signed out')
        },
        { javaScriptEnabled: false },
      ),
    )
  })
}

/** What has the focus; it must be seen to have it. */
async function focused(page: Page): Promise<string> {
  const { name, seen } = await page.evaluate(() => {
    const on = document.activeElement as HTMLElement
    const { boxShadow, outlineStyle } = getComputedStyle(on)
    return {
      name: on.id || on.innerText,
      seen: on.matches(':focus-visible') && (boxShadow !== 'none' || outlineStyle !== 'none'),
    }
  })
  expect(seen, `the focus on ${name} is seen`).to.equal(true)
  return name
}

/** At 200 % a page of 360 px has 180 of its own; and all text may be twice as large as it was meant. */
async function fits(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  for (const [width, size] of [
    [180, '100%'],
    [360, '200%'],
  ] as const) {
    await page.setViewportSize({ width, height: 720 })
    const over = await page.evaluate((fontSize) => {
      const { documentElement: root } = document
      root.style.fontSize = fontSize
      const most = root.scrollWidth - root.clientWidth
      const who = [...document.querySelectorAll('main *')].filter(
        (one) => one.getBoundingClientRect().right > root.clientWidth + 1,
      )
      root.style.fontSize = ''
      return most > 0 ? who.map((one) => `${one.tagName} ${one.textContent?.trim().slice(0, 40)}`) : []
    }, size)
    expect(over, `${page.url()} at ${width} px, text at ${size}`).to.deep.equal([])
  }
  await page.setViewportSize({ width: 360, height: 720 })
}
