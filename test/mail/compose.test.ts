import { expect } from 'chai'
import { refuseUnplain } from '../../src/mail/compose.ts'
import { exampleMail } from '../../src/ports/contracts.ts'
import { UndeliveredError } from '../../src/ports/ports.ts'

describe('a mail that could become two', () => {
  for (const [what, wrong] of [
    ['a line break in the subject', { subject: 'Hello\r\nBcc: eve@example.com' }],
    ['a bare line feed in the subject', { subject: 'Hello\nBcc: eve@example.com' }],
    ['a line break in the sender', { from: 'A <a@example.com>\r\nBcc: eve@example.com' }],
    ['a line break in the address', { to: 'ada@example.org\r\nBcc: eve@example.com' }],
    ['a list of addresses', { to: 'ada@example.org, eve@example.com' }],
    ['a group of addresses', { to: 'all: ada@example.org;' }],
    ['a name with the address', { to: 'Ada <ada@example.org>' }],
    ['a quoted local part', { to: '"eve@example.com x"@example.org' }],
    ['a comment in the address', { to: 'ada(eve@example.com)@example.org' }],
    ['an address without a host', { to: 'ada' }],
    ['a second header in the Message-ID', { messageId: '<x@y>\r\nX: y' }],
    ['a second header in a header', { headers: { 'Content-Language': 'en\r\nBcc: eve@example.com' } }],
  ] as const) {
    it(`is refused: ${what}`, () => {
      expect(() => refuseUnplain({ ...exampleMail, ...wrong }))
        .throw(UndeliveredError)
        .include({ fault: 'refused' })
    })
  }

  it('is not taken for one that is plain', () => {
    refuseUnplain(exampleMail)
    refuseUnplain({ ...exampleMail, to: 'ada+dinner.for_two@mail.example.org' })
  })
})
