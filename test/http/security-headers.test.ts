import { expect } from 'chai'
import { hideReferrer, letFormsLeave } from '../../src/http/http.ts'
import { closeShells, openShell, type ShellSettings } from './open-shell.ts'

const open = (settings: ShellSettings = {}) =>
  openShell(settings, ({ router, page, mount }) => {
    router.get('/page', (ctx) => page(ctx, 'form', { title: 'A form' }))
    router.get('/form-post', (ctx) => {
      letFormsLeave(ctx)
      return page(ctx, 'form', { title: 'Go on' })
    })
    router.get('/secret-in-url', (ctx) => {
      hideReferrer(ctx)
      return page(ctx, 'form', { title: 'A link' })
    })
    router.get('/broken', () => {
      throw new Error('broken')
    })
    mount((req, res) => {
      if (req.url === '/protocol') res.setHeader('Cache-Control', 'public, max-age=60')
      res.end('{}')
    })
  })

function policy(headers: Record<string, unknown>): Record<string, string> {
  const directives = String(headers['content-security-policy']).split(';')
  return Object.fromEntries(directives.map((directive) => directive.split(/ (.*)/)) as [string, string][])
}

describe('security headers', () => {
  afterEach(closeShells)

  const strict = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' data:",
    'font-src': "'self'",
    'connect-src': "'self'",
    'manifest-src': "'self'",
    'form-action': "'self'",
    'frame-ancestors': "'none'",
    'base-uri': "'none'",
    'object-src': "'none'",
  }

  for (const path of ['/page', '/broken', '/protocol', '/healthz', '/assets/app.css', '//']) {
    it(`stand on ${path}`, async () => {
      const { headers } = await (await open()).send(path)
      expect(policy(headers)).to.deep.equal(strict)
      expect(headers).to.include({
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'strict-origin',
      })
      expect(headers).to.not.have.any.keys('x-powered-by', 'server', 'strict-transport-security')
    })
  }

  it('keep pages and errors out of every cache, and leave the protocol its own word', async () => {
    const { send } = await open()
    for (const path of ['/page', '/broken', '/elsewhere', '/healthz']) {
      expect((await send(path)).headers['cache-control'], path).to.equal('no-store')
    }
    expect((await send('/protocol')).headers['cache-control']).to.equal('public, max-age=60')
  })

  it('let the forms of one page lead anywhere', async () => {
    const { send } = await open()
    const { 'form-action': _, ...rest } = strict
    expect(policy((await send('/form-post')).headers)).to.deep.equal(rest)
    expect(policy((await send('/page')).headers)).to.deep.equal(strict)
  })

  it('let one page hide its own address', async () => {
    const { send } = await open()
    expect((await send('/secret-in-url')).headers['referrer-policy']).to.equal('no-referrer')
    expect((await send('/page')).headers['referrer-policy']).to.equal('strict-origin')
  })

  it('let the brand’s logo come from where it is configured', async () => {
    const { send } = await open({ logo: 'https://cdn.example/logo.svg' })
    expect(policy((await send('/page')).headers)['img-src']).to.equal("'self' data: https://cdn.example")
    const own = await open({ logo: '/assets/logo.svg' })
    expect(policy((await own.send('/page')).headers)['img-src']).to.equal("'self' data:")
  })
})
