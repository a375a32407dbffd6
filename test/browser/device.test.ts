import { expect } from 'chai'
import { genericGrantRequest, initiateDeviceAuthorization } from 'openid-client'
import { browserRuns } from '../support/browser.ts'
import { relyingParty } from '../support/restaurant.ts'
import { DEVICE, type Stage, stages } from './stage.ts'
import { fillSignIn, meet, walk } from './walk.ts'

for (const { engine, stage } of browserRuns() ? stages : []) {
  describe(`DC-2 GW-10 a device's code in Chromium (${engine})`, function () {
    this.timeout(60_000)
    this.slow(20_000)
    let house: Stage
    before(async () => {
      house = await stage()
    })

    it(
      'is typed, compared and confirmed, and the device is signed in',
      walk(async ({ page }) => {
        const board = await relyingParty(house.app, 'board')
        const device = await initiateDeviceAuthorization(board, { scope: 'openid profile roles' })
        await page.goto(device.verification_uri)
        await meet(page, 'device-enter', 'Connect a device')
        await page.locator('#f-user_code').fill('WRNG-CODE')
        await page.locator('#f-user_code').press('Enter')
        await meet(page, 'device-enter-wrong', 'Connect a device')
        expect(await page.locator('#f-user_code-wrong').innerText()).to.match(/^We do not know that code/)
        await page.locator('#f-user_code').fill(device.user_code.toLowerCase().replace('-', ' '))
        await page.locator('#f-user_code').press('Enter')
        await meet(page, 'device-confirm', 'Connect this device?')
        expect(await page.locator('.usercode').innerText()).to.equal(device.user_code)
        await page.getByRole('button', { name: 'Yes, connect it' }).click()
        await meet(page, 'sign-in-device', /^Sign in to .*Menu board$/)
        await fillSignIn(page, await house.hire('Olga'))
        await meet(page, 'device-done', 'Your device is connected')
        const tokens = await genericGrantRequest(board, DEVICE, { device_code: device.device_code })
        expect(tokens.scope?.split(' ').sort()).to.deep.equal(['openid', 'profile', 'roles'])
      }),
    )

    for (const javaScriptEnabled of [true, false]) {
      it(
        `comes with the link that the device shows, and is stopped, ${javaScriptEnabled ? 'with' : 'without'} script`,
        walk(
          async ({ page }) => {
            const board = await relyingParty(house.app, 'board')
            const device = await initiateDeviceAuthorization(board, { scope: 'openid' })
            await page.goto(String(device.verification_uri_complete))
            if (!javaScriptEnabled) await page.getByRole('button').first().click()
            await meet(page, 'device-confirm', 'Connect this device?')
            await page.getByRole('button', { name: 'Stop' }).click()
            await meet(page, 'device-stopped', 'Connect a device')
            expect(await page.locator('#problem').innerText()).to.match(/^You stopped this/)
          },
          { javaScriptEnabled },
        ),
      )
    }
  })
}
