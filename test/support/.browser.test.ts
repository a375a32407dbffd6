import { createServer } from 'node:http'
import { openBrowser, shoot, axe, browserRuns } from './browser.ts'
import { expect } from 'chai'
;(browserRuns() ? describe : describe.skip)('browser', () => {
  it('works', async function() {
    this.timeout(60000)
    const server = createServer((_, res) => { res.setHeader('content-security-policy', "default-src 'none'; style-src 'self'"); res.setHeader('content-type','text/html'); res.end('<!doctype html><html><title>x</title><body><p>hi<img src=x></p>') }).listen(0)
    const { port } = server.address() as { port: number }
    const t = performance.now()
    const b = await openBrowser(); console.log('launch', performance.now()-t)
    const c = await b.newContext(); const p = await c.newPage()
    await p.goto(`http://localhost:${port}/`)
    await shoot(p, 'test')
    console.log(JSON.stringify(await axe(p), null, 1), performance.now()-t)
    expect((await axe(p)).map(v => v.rule)).to.include('image-alt')
    await c.close(); server.close(); server.closeAllConnections()
  })
})
