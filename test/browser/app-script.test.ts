import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { type PageServer, pages, renderPage, servePages } from '../../scripts/look/serve-pages.ts'
import { themes } from '../../scripts/look/themes.ts'
import { browserRuns, openBrowser } from '../support/browser.ts'

const [theme] = themes

function find(view: string, state: string) {
  const page = pages.find((one) => one.view === view && one.state === state)
  if (!page) throw new Error(`no page ${view} ${state}`)
  return page
}

describe('DC-2 the first paint of the sign-in page', () => {
  it('weighs less than 30 KB, its script included, and asks for no font', async () => {
    const html = await renderPage(find('flow/sign-in', 'empty'), 'en', theme)
    const files = [...html.matchAll(/"\/assets\/([\w.]+)"/g)].map(([, name = '']) => name)
    const texts = [
      html,
      ...files.map((name) => readFileSync(join(import.meta.dirname, '../../public', name), 'utf8')),
    ]
    expect(files).to.include('app.js')
    expect(texts.join('')).not.to.match(/@font-face|@import|https?:\/\/(?!www\.w3\.org|kitchen\.example)/)
    expect(texts.reduce((sum, text) => sum + gzipSync(text).length, 0)).to.be.below(12_000)
    expect(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)).to.be.below(30_000)
  })
})

;(browserRuns() ? describe : describe.skip)('RF-2 GW-10 what the script adds', () => {
  let server: PageServer
  let page: Page

  before(async () => {
    server = await servePages()
    page = await (await openBrowser()).newPage({ reducedMotion: 'reduce' })
  })
  after(async () => {
    await page?.close()
    await server?.close()
  })

  const open = (view: string, state: string) => page.goto(server.urlOf(find(view, state), 'en', theme))
  const focused = () =>
    page.evaluate(() => {
      const { activeElement: on } = document
      return on?.id || on?.textContent?.trim() || on?.tagName
    })
  /** What the page posts next; the browser stays where it is. */
  const posted = async () => {
    const request = await page.waitForRequest((one) => one.method() === 'POST')
    return Object.fromEntries(new URLSearchParams(request.postData() ?? ''))
  }

  it('leads the keyboard from top to bottom', async () => {
    await open('flow/sign-in', 'empty')
    const order = [await focused()]
    for (let step = 0; step < 6; step++) {
      await page.keyboard.press('Tab')
      order.push(await focused())
    }
    expect(order).to.deep.equal([
      ...['f-identifier', 'f-password', 'Show', 'Sign in'],
      ...['Forgot your password?', 'Create an account', 'Back to Kitchen display'],
    ])
  })

  it('begins with the problem, and where the account begins one can skip the places', async () => {
    await open('flow/sign-in', 'wrong')
    expect(await focused()).to.equal('problem')
    await open('account/sessions', 'full')
    await page.keyboard.press('Tab')
    expect(await focused()).to.equal('Skip to content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await focused()).to.equal('Sign out')
    expect(await page.locator(':focus').getAttribute('aria-label')).to.equal('Sign out Safari on iPhone')
  })

  it('shows a password on request', async () => {
    await open('flow/sign-in', 'empty')
    const field = page.locator('#f-password')
    await field.fill('secret')
    await page.getByRole('button', { name: 'Show password' }).click()
    expect(await field.getAttribute('type')).to.equal('text')
    await page.getByRole('button', { name: 'Hide password' }).click()
    expect(await field.getAttribute('type')).to.equal('password')
    expect(await field.inputValue()).to.equal('secret')
  })

  it('hints at Caps Lock', async () => {
    await open('flow/sign-in', 'empty')
    const hint = page.getByText('Caps Lock is on.')
    const press = (on: boolean) =>
      page.locator('#f-password').evaluate((input, modifierCapsLock) => {
        input.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', modifierCapsLock }))
      }, on)
    await press(true)
    expect(await hint.isVisible()).to.equal(true)
    await press(false)
    expect(await hint.isVisible()).to.equal(false)
  })

  it('RF-2 says beside the field what is missing, before anything is sent', async () => {
    await open('flow/sign-in', 'empty')
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(await page.locator('#f-identifier-wrong').innerText()).to.equal('Please fill this in.')
    expect(await focused()).to.equal('f-identifier')
    await page.locator('#f-identifier').fill('ada')
    expect(await page.locator('#f-identifier-wrong').isVisible()).to.equal(false)
    await open('flow/sign-up', 'empty')
    await page.locator('#f-email').fill('ada')
    await page.locator('#f-password').pressSequentially('short')
    await page.getByRole('button', { name: 'Create account' }).click()
    expect(await page.locator('#f-email-wrong').innerText()).to.match(/^Enter an address like/)
    expect(await page.locator('#f-password-wrong').innerText()).to.equal('Use at least 15 characters.')
  })

  it('takes away what was done once something is wrong, and says what', async () => {
    await open('account/profile', 'full')
    expect(await page.locator('.notice').isVisible()).to.equal(true)
    await page.locator('#f-birthdate').fill('2031-01-01')
    await page.locator('#f-city').press('Enter')
    expect(await page.locator('#f-birthdate-wrong').innerText()).to.equal(
      'Enter a date that exists, in the past.',
    )
    expect(await page.locator('.notice').count()).to.equal(0)
    await open('account/data', 'full')
    await page.getByRole('button', { name: 'Delete account' }).click()
    expect(await page.locator('#f-confirm-wrong').innerText()).to.match(/^Tick this box/)
  })

  const judged: [password: string, level: string, words: RegExp][] = [
    ['short', '1', /^At least 15 characters, 10 to go\.$/],
    ['aaaaaaaaaaaaaaaa', '1', /repetitive/],
    ['bella-napoli-1234', '1', /Leave out/],
    ['my-ada.rossi-ada', '1', /Leave out/],
    ['horse battery st', '2', /Long enough/],
    ['horse battery staple', '3', /Good/],
    ['correct horse battery staple', '4', /Strong/],
  ]
  for (const [password, level, words] of judged) {
    it(`judges ${JSON.stringify(password)} while it is typed`, async () => {
      await open('flow/sign-up', 'empty')
      await page.locator('#f-email').fill('ada.rossi@bella.example')
      await page.locator('#f-password').fill(password)
      expect(await page.locator('.strength').getAttribute('data-level')).to.equal(level)
      expect(await page.locator('#f-password-rule').innerText()).to.match(words)
    })
  }

  for (const typed of ['482913', '482 913', ' 482913 ']) {
    it(`sends ${JSON.stringify(typed)} at its sixth digit, once`, async () => {
      await open('flow/second-factor', 'empty')
      let posts = 0
      const count = () => posts++
      page.on('request', (request) => request.method() === 'POST' && count())
      const form = posted()
      await page.locator('#f-code').fill(typed)
      expect((await form).code).to.equal('482913')
      expect(posts).to.equal(1)
      page.removeAllListeners('request')
    })
  }

  it('copies and downloads recovery codes', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await open('flow/recovery-codes', 'full')
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByText('Copied').waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied.split('\n')).to.have.length(10)
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download' }).click()
    const file = await download
    expect(file.suggestedFilename()).to.equal('recovery-codes.txt')
    expect(readFileSync(await file.path(), 'utf8')).to.contain('7K2QP-3M9DX-V8RTN-4HJWB-Q6YZC\r\n')
  })

  it('tells times in the time zone of the person', async () => {
    const there = await (await openBrowser()).newPage({ timezoneId: 'Asia/Tokyo' })
    await there.clock.setFixedTime('2026-03-14T17:05:00Z')
    await there.goto(server.urlOf(find('account/history', 'full'), 'en', theme))
    const times = await there.locator('time > span:first-child').allInnerTexts()
    expect(times.slice(0, 3).map((time) => time.replaceAll('\u202f', ' '))).to.deep.equal([
      ...['4 minutes ago', '5 minutes ago'],
      'yesterday, 12:05 AM',
    ])
    expect(await there.locator('time').first().getAttribute('title')).to.match(/^Mar 15, 2026, 2:01.AM$/)
    await there.close()
  })

  it('goes on by itself where there is nothing to decide', async () => {
    const form = posted()
    await open('flow/form-post', 'full')
    expect(await form).to.deep.equal({ code: 'abc', state: 'xyz' })
    const left = page.waitForRequest(/\/stay$/)
    await open('flow/go', 'full')
    await left
  })
})

;(browserRuns() ? describe : describe.skip)('without script', () => {
  it('forms are sent, and nothing waits for what does not come', async () => {
    const server = await servePages()
    const page = await (await openBrowser()).newPage({ javaScriptEnabled: false })
    const open = (view: string, state: string) => page.goto(server.urlOf(find(view, state), 'en', theme))

    await open('flow/sign-in', 'empty')
    expect(await page.getByRole('button').allInnerTexts()).to.deep.equal([
      'Sign in',
      'Back to Kitchen display',
    ])
    await page.locator('#f-identifier').fill('ada')
    await page.locator('#f-password').fill('secret')
    const sent = page.waitForRequest((one) => one.method() === 'POST')
    await page.keyboard.press('Enter')
    expect((await sent).postData()).to.equal('_csrf=token&identifier=ada&password=secret')

    await open('flow/recovery-codes', 'full')
    expect(await page.getByRole('button').allInnerTexts()).to.deep.equal(['I have saved them'])
    expect(await page.getByRole('link', { name: 'Download' }).isVisible()).to.equal(true)

    await page.setViewportSize({ width: 360, height: 720 })
    await open('account/sessions', 'full')
    await page.locator('summary').click()
    expect(await page.getByRole('link', { name: 'Profile' }).isVisible()).to.equal(true)

    await page.close()
    await server.close()
  })
})
