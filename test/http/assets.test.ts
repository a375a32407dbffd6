import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { createAssets } from '../../src/http/assets.ts'
import { closeShells, openShell } from './open-shell.ts'

const folder = `${import.meta.dirname}/assets`

describe('assets', () => {
  afterEach(closeShells)
  const url = (text: string) => /href="([^"]+)"/.exec(text)?.[1] ?? ''

  it('are kept for a year under a URL that carries their content’s hash', async () => {
    const { send } = await openShell({}, ({ router, page }) => {
      router.get('/', (ctx) => page(ctx, 'form', { title: 'x' }))
    })
    const href = url((await send('/')).text)
    expect(href).to.match(/^\/assets\/[\da-f]{12}\/theme\.css$/)
    const { status, headers, text } = await send(href)
    expect(status).to.equal(200)
    expect(headers['cache-control']).to.equal('public, max-age=31536000, immutable')
    expect(headers['content-type']).to.equal('text/css; charset=utf-8')
    expect(text).to.equal(':root { --brand: #0f5c4d; --brand-contrast: #fff }\n')
    const icon = await send(href.replace('theme.css', 'favicon.svg'))
    expect(icon.headers['content-type']).to.equal('image/svg+xml')
    expect(icon.text).to.include('fill="#0f5c4d"').and.include('fill="#fff"')
    const font = await send(href.replace('theme.css', 'fonts/x.woff2'))
    expect(font.headers['content-type']).to.equal('font/woff2')
  })

  it('have another URL when anything in the folder is another', () => {
    const [a, b, c] = [{ a: '1' }, { a: '1' }, { a: '2' }].map((made) =>
      createAssets(folder, made).asset('app.css'),
    )
    expect(a).to.equal(b).and.not.to.equal(c)
    expect(() => createAssets(folder).asset('nowhere.css')).to.throw('nowhere.css')
  })

  it('are given under an older version or none, but not for long', async () => {
    const { send } = await openShell()
    for (const path of ['/assets/000000000000/app.css', '/assets/app.css', '/robots.txt']) {
      const { status, headers } = await send(path)
      expect(status, path).to.equal(200)
      expect(headers['cache-control'], path).to.equal('public, no-cache')
      const again = await send(path, { headers: { 'if-none-match': String(headers.etag) } })
      expect(again.status, path).to.equal(304)
    }
  })

  it('are compressed where it is worth it and wanted', async () => {
    const { shell, send, port } = await openShell()
    const plain = await send('/assets/app.css')
    expect(plain.headers).to.include({ vary: 'Accept-Encoding' }).and.to.not.have.property('content-encoding')
    const answer = await fetchRaw(port, '/assets/app.css')
    expect(answer.headers).to.include({ 'content-encoding': 'gzip' })
    expect(gunzipSync(answer.body).toString()).to.equal(plain.text)
    expect(answer.body.length).to.be.below(plain.text.length / 4)
    expect((await fetchRaw(port, '/assets/fonts/x.woff2')).headers).to.not.have.property('content-encoding')
    expect(shell.router).to.be.an('object')
  })

  it('are nowhere else, and only read', async () => {
    const { send } = await openShell()
    for (const path of [
      '/assets/',
      '/assets/nowhere.css',
      '/assets/../views/form.ejs',
      '/assets/%2e%2e/views/form.ejs',
      '/assets/..%2fviews/form.ejs',
      '/favicon.ico',
      '/app.css',
    ]) {
      expect((await send(path)).status, path).to.equal(404)
    }
    expect((await send('/assets/app.css', { method: 'POST' })).status).to.equal(405)
    expect((await send('/assets/app.css', { method: 'HEAD' })).status).to.equal(200)
    expect((await send('/assets/app.css', { method: 'OPTIONS' })).headers.allow).to.equal('GET, HEAD')
  })
})

async function fetchRaw(port: number, path: string) {
  const { request } = await import('node:http')
  return new Promise<{ headers: object; body: Buffer }>((resolve, reject) => {
    const headers = { host: 'localhost:3000', 'accept-encoding': 'gzip, br' }
    request({ host: '127.0.0.1', port, path, headers, agent: false }, async (res) => {
      const chunks: Buffer[] = []
      for await (const chunk of res) chunks.push(chunk as Buffer)
      resolve({ headers: res.headers, body: Buffer.concat(chunks) })
    })
      .on('error', reject)
      .end()
  })
}
