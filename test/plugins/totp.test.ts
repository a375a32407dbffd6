import { expect } from 'chai'
import { generateSync } from 'otplib'
import type { Person } from '../../src/accounts/accounts.ts'
import { MaitredError } from '../../src/errors.ts'
import { createVault, randomToken } from '../../src/keys/keys.ts'
import { createTotp } from '../../src/plugins/plugins.ts'
import { factorContract } from '../contracts/factor.ts'

const vault = createVault([randomToken()])
const totp = createTotp({ vault })
const start = new Date('2030-01-01T12:00:00Z')
const later = (seconds: number) => new Date(start.getTime() + seconds * 1_000)
const about = { issuer: 'Bella Napoli', label: 'ada@example.org' }

function codeAt(secret: string, at: Date): string {
  return generateSync({ secret, epoch: Math.floor(at.getTime() / 1_000) })
}

/** Some code that is none of those around this moment. */
function wrongAt(secret: string, at: Date): string {
  const right = [-60, -30, 0, 30, 60].map((s) => codeAt(secret, new Date(at.getTime() + s * 1_000)))
  return (
    ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code)) ?? ''
  )
}

factorContract('totp', () => {
  const { secret, sealed } = totp.begin(about)
  const enrolment = { secret: sealed, lastStep: 0, enrolledAt: start, label: about.label }
  return {
    factor: totp,
    enrolment: { totp: enrolment },
    code: (n) => codeAt(secret, later(n * 60)),
    at: (n) => later(n * 60),
    wrongCode: wrongAt(secret, start),
  }
})

describe('SB-6 codes from an authenticator app', () => {
  it('begin with a secret of 160 bits, sealed at rest, and a link that apps read', () => {
    const { secret, sealed, uri } = totp.begin(about)
    expect(secret).match(/^[A-Z2-7]{32}$/)
    expect(sealed).not.contain(secret)
    const link = new URL(uri)
    expect(link.protocol).equal('otpauth:')
    expect(decodeURIComponent(link.pathname)).equal('/Bella Napoli:ada@example.org')
    expect(link.searchParams.get('secret')).equal(secret)
    expect(link.searchParams.get('issuer')).equal('Bella Napoli')
    expect(totp.resume(sealed, about)).deep.equal({ secret, sealed, uri })
  })

  it('are confirmed by a first right code, which is used up by that', () => {
    const { secret, sealed } = totp.begin(about)
    expect(totp.confirm(sealed, wrongAt(secret, start), { label: 'x', now: start })).equal(undefined)
    const enrolment = totp.confirm(sealed, codeAt(secret, start), { label: 'x', now: start })
    expect(enrolment).deep.equal({
      secret: sealed,
      lastStep: start.getTime() / 30_000,
      enrolledAt: start,
      label: 'x',
    })
    const person = { totp: enrolment } as Person
    expect(totp.verify(person, codeAt(secret, start), start)).deep.equal({
      accept: false,
      reason: 'error.code.used',
    })
    expect(totp.verify(person, codeAt(secret, later(30)), later(30)).accept).equal(true)
  })

  it('are the numbers of RFC 6238, appendix B', () => {
    const enrolled = totp.adopt('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', { label: '', now: start })
    const person = { totp: enrolled } as Person
    const table: [seconds: number, code: string][] = [
      [59, '287082'],
      [1_111_111_109, '081804'],
      [1_111_111_111, '050471'],
      [1_234_567_890, '005924'],
      [2_000_000_000, '279037'],
      [20_000_000_000, '353130'],
    ]
    for (const [seconds, code] of table) {
      expect(totp.verify(person, code, new Date(seconds * 1_000)), code).include({ accept: true })
    }
  })

  it('may be one step early or late, and no more', () => {
    const { secret, sealed } = totp.begin(about)
    const person = { totp: { secret: sealed, lastStep: 0, enrolledAt: start, label: '' } } as Person
    const code = codeAt(secret, start)
    for (const [seconds, accept] of [
      [-31, false],
      [-30, true],
      [0, true],
      [29, true],
      [30, true],
      [59, true],
      [60, false],
    ] as const) {
      expect(totp.verify(person, code, later(seconds)).accept, String(seconds)).equal(accept)
    }
  })

  it('only ever go forward: after the next step this one is too late', () => {
    const { secret, sealed } = totp.begin(about)
    const lastStep = start.getTime() / 30_000 + 1
    const person = { totp: { secret: sealed, lastStep, enrolledAt: start, label: '' } } as Person
    expect(totp.verify(person, codeAt(secret, start), start).accept).equal(false)
  })

  it('are taken as people type them', () => {
    const { secret, sealed } = totp.begin(about)
    const person = { totp: { secret: sealed, lastStep: 0, enrolledAt: start, label: '' } } as Person
    const code = codeAt(secret, start)
    const wide = code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))
    for (const typed of [
      ` ${code} `,
      `${code.slice(0, 3)} ${code.slice(3)}`,
      `${code.slice(0, 3)}-${code.slice(3)}`,
      wide,
    ]) {
      expect(totp.verify(person, typed, start).accept, typed).equal(true)
    }
  })

  it('can take over a secret from elsewhere, unless it is weak or no base32', () => {
    const { secret } = totp.begin(about)
    const enrolment = totp.adopt(`${secret.toLowerCase().replace(/(.{4})/g, '$1 ')}`, {
      label: 'a',
      now: start,
    })
    expect(totp.verify({ totp: enrolment } as Person, codeAt(secret, start), start).accept).equal(true)
    for (const wrong of ['', 'JBSWY3DPEHPK3PXP', '!'.repeat(32), '1'.repeat(32)]) {
      expect(() => totp.adopt(wrong, { label: 'a', now: start }))
        .throw(MaitredError)
        .include({ code: 'invalid_form' })
    }
  })

  it('cannot be read without the secret that sealed them', () => {
    const { sealed } = totp.begin(about)
    const stranger = createTotp({ vault: createVault([randomToken()]) })
    const person = { totp: { secret: sealed, lastStep: 0, enrolledAt: start, label: '' } } as Person
    expect(() => stranger.verify(person, '123456', start))
      .throw(MaitredError)
      .include({ code: 'internal' })
  })
})
