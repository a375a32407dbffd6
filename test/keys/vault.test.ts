import { expect } from 'chai'
import { MaitredError } from '../../src/errors.ts'
import { createVault, randomToken, sha256 } from '../../src/keys/keys.ts'

function thrownBy(act: () => unknown): MaitredError {
  try {
    act()
  } catch (error) {
    expect(error).instanceOf(MaitredError)
    return error as MaitredError
  }
  throw new Error('nothing was thrown')
}

describe('RF-11 the vault', () => {
  const [one, two] = [randomToken(), randomToken()]

  it('opens what it sealed, and seals never twice alike', () => {
    const vault = createVault([one])
    const sealed = vault.seal('totp', 'Grüße 🔑')
    expect(vault.open('totp', sealed)).equal('Grüße 🔑')
    expect(vault.seal('totp', 'Grüße 🔑')).not.equal(sealed)
    for (const part of sealed.split('.')) {
      expect(part).not.contain('Grüße')
      expect(Buffer.from(part, 'base64url').includes('Grüße')).equal(false)
    }
    expect(vault.open('totp', vault.seal('totp', ''))).equal('')
  })

  it('seals with the first secret and opens with all', () => {
    const old = createVault([one]).seal('key', 'value')
    const both = createVault([two, one])
    expect(both.open('key', old)).equal('value')
    expect(createVault([two]).open('key', both.seal('key', 'new'))).equal('new')
    expect(thrownBy(() => createVault([two]).open('key', old)).code).equal('internal')
  })

  it('refuses another purpose, altered text and text that was never sealed', () => {
    const vault = createVault([one])
    const sealed = vault.seal('a', 'value')
    thrownBy(() => vault.open('b', sealed))
    const at = sealed.length - 5
    thrownBy(() =>
      vault.open('a', sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)),
    )
    for (const wrong of ['', 'v1.', 'value', sealed.slice(3), sealed.slice(0, 20)]) {
      thrownBy(() => vault.open('a', wrong))
    }
  })

  it('tells nothing of the secret or the text when it refuses', () => {
    const sealed = createVault([two]).seal('a', 'hidden text')
    const error = thrownBy(() => createVault([one]).open('a', sealed))
    const told = JSON.stringify([error, error.message, String(error.cause), error.stack])
    for (const secret of [one, two, 'hidden', sealed]) expect(told).not.contain(secret)
  })

  it('carries values through strangers, and reads nothing else', () => {
    const vault = createVault([two, one])
    const carried = createVault([one]).sealValue('draft', { name: 'Grüße', parts: [1, null] })
    expect(vault.openValue('draft', carried)).deep.equal({ name: 'Grüße', parts: [1, null] })
    expect(vault.openValue('other', carried)).equal(undefined)
    expect(createVault([two]).openValue('draft', carried)).equal(undefined)
    for (const wrong of [undefined, ['v1.'], '', 'v1.', 'value', carried.slice(0, -3), `x${carried}`])
      expect(vault.openValue('draft', wrong)).equal(undefined)
  })

  it('proves a value under a key of its own for each purpose and secret', () => {
    const vault = createVault([one, two])
    expect(vault.mac('csrf', 'x'))
      .equal(createVault([one]).mac('csrf', 'x'))
      .match(/^[\w-]{43}$/)
    expect(vault.mac('csrf', 'x')).not.equal(vault.mac('csrf', 'y'))
    expect(vault.mac('csrf', 'x')).not.equal(vault.mac('successor', 'x'))
    expect(vault.mac('csrf', 'x')).not.equal(createVault([two]).mac('csrf', 'x'))
  })

  it('refuses secrets that are none, too short, too long or not base64url', () => {
    for (const secrets of [
      [],
      [''],
      ['short'],
      [randomToken(31)],
      [randomToken(33)],
      [one, '*'.repeat(43)],
    ]) {
      const error = thrownBy(() => createVault(secrets))
      expect(String(error.cause)).contain('MAITRED_SECRET')
    }
    expect(createVault([`${one}=`]).mac('a', 'b')).equal(createVault([one]).mac('a', 'b'))
  })
})

describe('opaque values', () => {
  it('are random, of the length asked for, and base64url', () => {
    expect(randomToken()).match(/^[\w-]{43}$/)
    expect(randomToken(16)).match(/^[\w-]{22}$/)
    expect(new Set(Array.from({ length: 100 }, () => randomToken())).size).equal(100)
  })

  it('lie at rest as their SHA-256', () => {
    expect(sha256('abc')).equal('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  })
})
