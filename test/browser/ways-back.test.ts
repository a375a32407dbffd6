import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { browserRuns } from '../support/browser.ts'
import { beginSignIn, relyingParty } from '../support/restaurant.ts'
import { openRelay, type Relay, type Stage, stages } from './stage.ts'
import { fillSignIn, meet, walk } from './walk.ts'

for (const { engine, stage } of browserRuns() ? stages : []) {
  describe(`DC-2 GW-10 ways back to an app in Chromium (${engine})`, function () {
    this.timeout(60_000)
    this.slow(20_000)
    let house: Stage
    let relay: Relay
    let secret: string

    before(async () => {
      house = await stage()
      relay = await openRelay()
      const { applications } = house.app
      const shared = { redirectUris: [relay.callback], postLogoutRedirectUris: [relay.callback] }
      await applications.put({ _id: 'relay', name: 'Guest book', firstParty: true, ...shared }, 'test')
      secret = await applications.newSecret('relay', 'test')
    })
    after(() => relay?.close())

    async function begin(page: Page, extra: Record<string, string> = {}) {
      const config = await relyingParty(house.app, 'relay', secret)
      const request = await beginSignIn(config, { redirect_uri: relay.callback, ...extra })
      await page.goto(request.url.href)
      return request
    }

    it(
      'an app whose callback redirects on to a third origin gets its answer, and at the sign-out too',
      walk(async ({ page }) => {
        const { finish } = await begin(page)
        await fillSignIn(page, await house.hire('Irma'))
        await page.waitForURL(relay.landing)
        const answer = `${relay.callback}?${relay.received.at(-1)}`
        const tokens = await finish(answer)
        expect(tokens.claims()?.name).to.equal('Irma Marino')

        const leave = new URL('/session/end', house.app.url)
        leave.search = `${new URLSearchParams({
          id_token_hint: String(tokens.id_token),
          post_logout_redirect_uri: relay.callback,
          state: 'bye',
        })}`
        await page.goto(leave.href)
        await page.getByRole('button', { name: 'Sign out' }).first().click()
        await page.waitForURL(relay.landing)
        expect(relay.received.at(-1)?.get('state')).to.equal('bye')
      }),
    )

    it(
      'an app to which one goes back without signing in',
      walk(async ({ page }) => {
        await begin(page)
        await page.getByRole('button', { name: 'Back to Guest book' }).click()
        await page.waitForURL(relay.landing)
        expect(relay.received.at(-1)?.get('error')).to.equal('access_denied')
      }),
    )

    it(
      'reload and Back after the sign-in, although the first page was the answer to the application',
      walk(async ({ page }) => {
        await begin(page)
        const { pathname } = new URL(page.url())
        expect(pathname).to.match(/^\/flow\/[^/]+$/)
        await page.reload()
        expect(new URL(page.url()).pathname).to.equal(pathname)
        await fillSignIn(page, await house.hire('Ines'))
        await page.waitForURL(relay.landing)
        await page.goBack()
        await meet(page, 'passed', 'This page has expired')
      }),
    )

    it(
      'after a mistyped password, Back and reload show the form and ask nothing',
      walk(async ({ page }) => {
        await begin(page)
        const email = (await house.hire('Ilse')).email
        const refused = async () => {
          await fillSignIn(page, { email, password: 'was it this one' })
          await page.locator('#problem').waitFor()
        }
        await refused()
        expect(new URL(page.url()).pathname).to.match(/^\/flow\/[^/]+\/sign-in$/)
        const [again] = await Promise.all([
          page.waitForResponse((one) => one.url() === page.url()),
          page.reload(),
        ])
        expect([again.request().method(), again.status()]).to.deep.equal(['GET', 200])

        await refused()
        await page.getByRole('link', { name: 'Forgot your password?' }).click()
        await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor()
        expect(await page.locator('#f-email').inputValue()).to.equal(email)
        await page.goBack()
        await meet(page, 'sign-in-relay', /Guest book$/)
      }),
    )

    for (const javaScriptEnabled of [true, false]) {
      it(
        `an app that wants its answer posted (form_post), ${javaScriptEnabled ? 'with' : 'without'} script`,
        walk(
          async ({ page }) => {
            const request = await begin(page, { response_mode: 'form_post' })
            await fillSignIn(page, await house.hire('Jan'))
            if (!javaScriptEnabled) {
              await meet(page, 'form-post', 'One moment')
              await page.getByRole('button', { name: 'Go on' }).click()
            }
            await page.waitForURL(relay.landing)
            const answer = relay.received.at(-1)
            expect(answer?.get('state')).to.equal(request.url.searchParams.get('state'))
            expect(answer?.get('code')).to.be.a('string')
          },
          { javaScriptEnabled },
        ),
      )
    }

    it(
      'a form of the app’s own that posts the authorization request',
      walk(async ({ page }) => {
        const config = await relyingParty(house.app, 'relay', secret)
        const { url } = await beginSignIn(config, { redirect_uri: relay.callback })
        const inputs = [...url.searchParams].map(
          ([name, value]) =>
            `<input type="hidden" name="${name}" value="${value.replaceAll('"', '&quot;')}">`,
        )
        const form = `<form method="post" action="${url.origin}${url.pathname}">${inputs.join('')}<button>Sign in</button></form>`
        await page.route(relay.callback, (route) => route.fulfill({ contentType: 'text/html', body: form }), {
          times: 1,
        })
        await page.goto(relay.callback)
        await page.getByRole('button').click()
        await meet(page, 'sign-in-relay', /Guest book$/)
        await fillSignIn(page, await house.hire('Kim'))
        await page.waitForURL(relay.landing)
        expect(relay.received.at(-1)?.get('code')).to.be.a('string')
      }),
    )

    it(
      'an app on the phone with a scheme of its own',
      walk(async ({ page }) => {
        const phone = await relyingParty(house.app, 'phone')
        const { url, finish } = await beginSignIn(phone, { redirect_uri: 'com.example.app:/cb' })
        await page.goto(url.href)
        const opened = await leavesTo(page, 'com.example.app:')
        await fillSignIn(page, await house.hire('Lia'))
        const callback = await opened()
        const tokens = await finish(callback)
        expect(tokens.claims()?.name).to.equal('Lia Marino')
        await meet(page, 'go', 'One moment')
        expect(await page.locator('main').innerText()).to.match(/Bella\sNapoli\s– Taccuino/)
        expect(await page.getByRole('link', { name: 'Go on' }).getAttribute('href')).to.equal(callback)
      }),
    )
  })
}

/** Where the page asks the browser to go: there is no program for it, so it stays. */
async function leavesTo(page: Page, start: string): Promise<() => Promise<string>> {
  const devtools = await page.context().newCDPSession(page)
  const asked = new Promise<string>((resolve) => {
    devtools.on('Page.frameRequestedNavigation', ({ url }) => {
      if (url.startsWith(start)) resolve(url)
    })
  })
  await devtools.send('Page.enable')
  return () => asked
}
