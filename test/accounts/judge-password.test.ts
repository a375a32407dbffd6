import { expect } from 'chai'
import { judgePassword, passwordLimits } from '../../src/accounts/accounts.ts'
import { createLocale } from '../../src/locale/locale.ts'

const context = ['Maitred', 'Bella Napoli', 'Ada', 'Lovelace', 'ada.lovelace']
const alone = (password: string) => judgePassword(password, { mfa: false, context })
const withFactor = (password: string) => judgePassword(password, { mfa: true, context })

describe('SB-5 the one password rule', () => {
  it('wants 15 code points, or 8 beside a second factor', () => {
    expect(alone('vK3 tulpe 9wass')).equal(undefined)
    expect(alone('vK3 tulpe 9was')).equal('error.password.tooShort')
    expect(withFactor('vK3tu9wa')).equal(undefined)
    expect(withFactor('vK3tu9w')).equal('error.password.tooShort')
    expect(alone('🍕🌶🧀🍅🫒🍷🥖🧄🍋🥗🍝🍰☕🍨🍇')).equal(undefined)
    expect(withFactor('🍕🌶🧀🍅')).equal('error.password.tooShort')
  })

  it('takes up to 128 code points of anything printable, and no rule of composition', () => {
    const long = 'Was für ein langer Satz über Tomaten, 日本語 und mehr! '.repeat(3)
    expect(alone([...long].slice(0, 128).join(''))).equal(undefined)
    expect(alone(`${[...long].slice(0, 128).join('')}x`)).equal('error.password.tooLong')
    expect(alone('tavern lemon horse')).equal(undefined)
    expect(alone('tavernlemonhorse')).equal(undefined)
    expect(alone('48151623424729163')).equal(undefined)
    expect(alone('x'.repeat(1_000_000))).equal('error.password.tooLong')
  })

  it('counts what looks the same as the same', () => {
    const composed = 'ééééé-tomate'
    expect(judgePassword(composed.normalize('NFD'), { mfa: false, context })).equal('error.password.tooShort')
    expect(judgePassword('\uD800 is half a letter', { mfa: false, context })).equal('error.field.invalid')
  })

  const common = [
    'password',
    'PassWord1',
    'iloveyou',
    'football',
    'ｐａｓｓｗｏｒｄ',
    'passwordpassword',
    'password12345678',
    'qwerty123456789',
    'Password!2024',
    '!!iloveyou!!',
    'adminpassword123',
    'monkeydragon1234',
    'aaaaaaaaaaaaaaaaa',
    'abababababababab',
    'xk4Txk4Txk4Txk4T',
    '123456789012345',
    'abcdefghijklmnop',
    'zyxwvutsrqponmlkj',
    'qwertzuiopasdfghjkl',
    '1111111122222222',
  ]
  for (const password of common) {
    it(`refuses ${password}, which everybody tries`, () => {
      expect(withFactor(password)).equal('error.password.common')
    })
  }

  const personal = [
    'AdaLovelace1815',
    'ada.lovelace.ada',
    'maitredmaitredX1',
    'BellaNapoli1234',
    'bella-napoli-2024',
    'maitred123456789',
    'lovelacepassword',
  ]
  for (const password of personal) {
    it(`refuses ${password}, which is mainly a word from around here`, () => {
      expect(alone(password)).equal('error.password.personal')
    })
  }

  it('allows a word from around here within something of its own', () => {
    expect(alone('ada walks to 7 harbours')).equal(undefined)
    expect(judgePassword('vK3 tulpe 9wass', { mfa: false, context: ['', 'v', 'K3'] })).equal(undefined)
  })

  it('has words for every refusal, with the limits in them', () => {
    const t = createLocale().translate('en')
    const { min, max } = passwordLimits(false)
    expect(t('error.password.tooShort', { min, max })).contain('15')
    expect(t('error.password.tooLong', { min, max })).contain('128')
    expect(passwordLimits(true)).deep.equal({ min: 8, max: 128 })
  })

  it('judges the longest and oddest input without holding up the others', () => {
    withFactor('the list is read now')
    const started = process.cpuUsage()
    for (const password of [
      '\uFDFA'.repeat(128),
      'ab'.repeat(64),
      'a'.repeat(127).concat('b'),
      'é'.repeat(128),
    ]) {
      withFactor(password)
    }
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1_000).below(250)
  })
})
