import { expect } from 'chai'
import { closeShells, type Open, openShell } from './open-shell.ts'

describe('a request target', () => {
  let shell: Open

  beforeEach(async () => {
    shell = await openShell({}, ({ router, mount }) => {
      router.get('/page/:id', (ctx) => {
        ctx.body = `page ${ctx.params.id} ${ctx.query.q ?? ''}`
      })
      mount((_req, res) => {
        res.end('the protocol')
      })
    })
  })
  afterEach(closeShells)

  async function ask(target: string, host = 'localhost:3000'): Promise<string> {
    const answer = await shell.raw(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    return answer.split('\r\n', 1)[0] ?? ''
  }

  for (const target of [
    '//',
    '//evil.example',
    '///x',
    '/%E0%A4%A',
    '/page/%',
    '/page/%zz',
    '/page/%ff',
    '/page/%C0%80',
    '/page/%00',
    '/page/1?q=%00',
    '/page/1?q=%E0%A4%A',
    '/page/1?q=%ff',
    '/page\\1',
    '/\\evil.example',
    '/page/1#fragment',
    'http://',
    'http://[',
  ]) {
    it(`${target} is refused with 400`, async () => {
      expect(await ask(target)).to.equal('HTTP/1.1 400 Bad Request')
    })
  }

  it('with bytes outside of ASCII is refused with 400', async () => {
    const bytes = Buffer.from(
      'GET /caf\xe9 HTTP/1.1\r\nHost: localhost:3000\r\nConnection: close\r\n\r\n',
      'latin1',
    )
    expect(await shell.raw(bytes)).to.match(/^HTTP\/1.1 400 /)
  })

  it('in absolute form is its path when it is the issuer’s, else 421', async () => {
    expect(await ask('http://localhost:3000/page/1?q=2')).to.equal('HTTP/1.1 200 OK')
    expect(await ask('http://LOCALHOST:3000/page/1')).to.equal('HTTP/1.1 200 OK')
    expect(await ask('http://evil.example/page/1')).to.equal('HTTP/1.1 421 Misdirected Request')
    expect(await ask('https://localhost:3000/page/1')).to.equal('HTTP/1.1 421 Misdirected Request')
    expect(await ask('http://localhost:3000//evil.example')).to.equal('HTTP/1.1 400 Bad Request')
  })

  it('with a good escape is read', async () => {
    const { status, text } = await shell.send('/page/caf%C3%A9?q=a%20b')
    expect({ status, text }).to.deep.equal({ status: 200, text: 'page café a b' })
  })

  it('of another protocol, or none, is the server’s 400', async () => {
    expect(await shell.raw('GET / HTTP/9.9\r\n\r\n')).to.match(/^HTTP\/1.1 400 /)
    expect(await shell.raw('hello\r\n\r\n')).to.match(/^HTTP\/1.1 400 /)
    expect(await shell.raw('GET / HTTP/1.1\r\n\r\n')).to.match(/^HTTP\/1.1 400 /)
  })

  it('without a host is nobody’s', async () => {
    expect(await shell.raw('GET / HTTP/1.0\r\n\r\n')).to.match(/^HTTP\/1.1 421 /)
  })
})
