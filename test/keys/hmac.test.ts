import { createHmac, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { hmac } from '../../src/keys/keys.ts'

describe('HMAC-SHA-256', () => {
  it('is node’s, for keys and texts of any length', () => {
    for (const bytes of [0, 1, 32, 63, 64, 65, 200]) {
      const key = randomBytes(bytes)
      for (const length of [0, 1, 28, 55, 56, 63, 64, 65, 1_000, 1_000_003]) {
        const data = randomBytes(length)
        const expected = createHmac('sha256', key).update(data).digest('hex')
        expect(hmac(key, data).toString('hex'), `${bytes} and ${length}`).to.equal(expected)
      }
    }
  })

  it('reads a text as UTF-8, as node does', () => {
    const key = randomBytes(32)
    for (const text of ['', 'csrf', 'Grüße 🔑', '\ud800', 'x'.repeat(100_000)]) {
      expect(hmac(key, text).toString('hex')).to.equal(createHmac('sha256', key).update(text).digest('hex'))
    }
  })

  it('is that of RFC 4231, test case 2', () => {
    const code = hmac(Buffer.from('Jefe'), 'what do ya want for nothing?')
    expect(code.toString('hex')).to.equal('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
  })
})
