import { expect } from 'chai'
import fc from 'fast-check'
import {
  normaliseEmail,
  normalisePhone,
  normaliseUsername,
  readIdentifier,
} from '../../src/accounts/accounts.ts'
import { runs } from '../support/runs.ts'

describe('UM-1 one canonical form of an email address', () => {
  const same: [string, string][] = [
    ['ada@example.org', 'ada@example.org'],
    ['  Ada.Lovelace+Table@Example.ORG ', 'ada.lovelace+table@example.org'],
    ['ada＠example.org', 'ada@example.org'],
    ['ａｄａ@example.org', 'ada@example.org'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@example。org', 'ada@example.org'],
    ["o'brien@example.org", "o'brien@example.org"],
  ]
  for (const [typed, wanted] of same) {
    it(`${JSON.stringify(typed)} is ${wanted}`, () => expect(normaliseEmail(typed)).equal(wanted))
  }

  const none = [
    '',
    'ada',
    '@example.org',
    'ada@',
    'ada@localhost',
    'ada@@example.org',
    'ada@evil.org@example.org',
    'ada＠evil.org@example.org',
    'ada@evil.org﹫example.org',
    '"ada@evil.org"@example.org',
    '"ada"@example.org',
    'ada(comment)@example.org',
    'ada@(comment)example.org',
    'ada@example.org\r\nBcc: eve@evil.org',
    'ada\n@example.org',
    'a da@example.org',
    'ada@exam ple.org',
    'ada@[127.0.0.1]',
    'ada@127.0.0.1',
    'ada@0x7f.1',
    'ada@example.org,eve@evil.org',
    'ada@example.org;eve@evil.org',
    '<ada@example.org>',
    'Ada <ada@example.org>',
    'ada@ex%61mple.org',
    'ada@example..org',
    'ada@.example.org',
    'ada@example.org.',
    'ada@-example.org',
    '.ada@example.org',
    'ada..b@example.org',
    'ada.@example.org',
    'аdа@example.org',
    'ada\u0000@example.org',
    'ada@exa\u200Bmple.org\u0000',
    'ada\\@example.org',
    `${'a'.repeat(65)}@example.org`,
    `a@${'b'.repeat(64)}.org`,
    `a@${'b.'.repeat(130)}org`,
    'a'.repeat(5_000),
  ]
  for (const typed of none) {
    it(`${JSON.stringify(typed.slice(0, 40))} is none`, () => expect(normaliseEmail(typed)).equal(undefined))
  }

  it('is stable, and always plain ASCII with one @', () => {
    const anything = fc.oneof(
      fc.emailAddress(),
      fc
        .array(fc.integer({ min: 0, max: 0x10ffff }))
        .map((points) => String.fromCodePoint(...points))
        .filter((text) => text.isWellFormed()),
      fc.tuple(fc.string(), fc.domain()).map(([local, domain]) => `${local}@${domain}`),
    )
    fc.assert(
      fc.property(anything, (typed) => {
        const email = normaliseEmail(typed)
        if (email === undefined) return
        expect(normaliseEmail(email)).equal(email)
        expect(email).match(/^[!-?A-~]+@[a-z0-9.-]+$/)
        expect(email.length).most(254)
      }),
      { numRuns: runs(500) },
    )
  })
})

describe('UM-1 one canonical form of a phone number and of a user name', () => {
  for (const typed of [
    '+49 30 1234567',
    '0049301234567',
    '+49 (0)30 / 123-45.67',
    '＋４９301234567',
    '+49–30–1234567',
  ]) {
    it(`${typed} is +49301234567`, () => expect(normalisePhone(typed)).equal('+49301234567'))
  }

  it('refuses what is no international number', () => {
    for (const typed of [
      '',
      '030 1234567',
      '+0301234567',
      '+49',
      '+4930x1234567',
      `+${'1'.repeat(16)}`,
      '++49301234567',
    ]) {
      expect(normalisePhone(typed), typed).equal(undefined)
    }
  })

  it('lower-cases user names and refuses what could be read as something else', () => {
    expect(normaliseUsername(' Ada.L_1-x ')).equal('ada.l_1-x')
    expect(normaliseUsername('ＡＤＡ')).equal('ada')
    for (const typed of [
      '',
      '-ada',
      'ada-',
      'a da',
      'ada@x',
      'аda',
      '+49',
      'a/b',
      '0049301234567',
      '__proto__',
      'a'.repeat(65),
    ]) {
      expect(normaliseUsername(typed), typed).equal(undefined)
    }
  })

  it('tells what was typed by its first sign', () => {
    expect(readIdentifier('Ada@Example.org')).deep.equal({ kind: 'email', value: 'ada@example.org' })
    expect(readIdentifier('ada＠example.org')).deep.equal({ kind: 'email', value: 'ada@example.org' })
    expect(readIdentifier(' +49 30 1234567')).deep.equal({ kind: 'phone', value: '+49301234567' })
    expect(readIdentifier('0049 30 1234567')).deep.equal({ kind: 'phone', value: '+49301234567' })
    expect(readIdentifier('Ada')).deep.equal({ kind: 'username', value: 'ada' })
    expect(readIdentifier('007bond')).deep.equal({ kind: 'username', value: '007bond' })
    expect(readIdentifier('a b')).equal(undefined)
    expect(readIdentifier('+49')).equal(undefined)
  })
})
