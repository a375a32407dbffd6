import { expect } from 'chai'
import type { Person } from '../../src/accounts/accounts.ts'
import { createRecovery } from '../../src/plugins/plugins.ts'
import { factorContract } from '../contracts/factor.ts'

const recovery = createRecovery()
const now = new Date('2030-01-01T12:00:00Z')

factorContract('recovery', () => {
  const { codes, recovery: kept } = recovery.make(now)
  return {
    factor: recovery,
    enrolment: { recovery: kept },
    code: (n) => codes[n] ?? '',
    at: () => now,
    wrongCode: '00000-00000-00000-00000-00000',
  }
})

describe('SB-6 recovery codes', () => {
  const { codes, recovery: kept } = recovery.make(now)
  const person = { recovery: kept } as Person

  it('are ten different ones of 125 bits, that nothing at rest tells', () => {
    expect(new Set(codes).size).equal(10)
    for (const code of codes) expect(code).match(/^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/)
    expect(kept.hashes).length(10)
    expect(kept.madeAt).equal(now)
    expect(JSON.stringify(kept)).not.contain(codes[0])
    expect(recovery.make(now).recovery.salt).not.equal(kept.salt)
  })

  it('use every sign alike', () => {
    const all = Array.from({ length: 20 }, () => recovery.make(now).codes.join(''))
      .join('')
      .replaceAll('-', '')
    const counts = Object.values(Object.groupBy([...all], (sign) => sign)).map((found) => found?.length ?? 0)
    expect(counts).length(32)
    expect(Math.min(...counts)).above(90)
    expect(Math.max(...counts)).below(230)
  })

  it('are taken as people type them', () => {
    const [code = ''] = codes
    const sloppy = code.replaceAll('0', 'o').replaceAll('1', 'l')
    for (const typed of [
      code.toLowerCase(),
      code.replaceAll('-', ''),
      code.replaceAll('-', ' '),
      ` ${code}\n`,
      sloppy,
    ]) {
      expect(recovery.verify(person, typed, now).accept, typed).equal(true)
    }
  })

  it('say nothing of which part was wrong', () => {
    const [code = ''] = codes
    expect(recovery.verify(person, `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`, now)).deep.equal({
      accept: false,
      reason: 'error.recovery.wrong',
    })
    expect(recovery.verify(person, code.slice(0, -1), now)).deep.equal({
      accept: false,
      reason: 'error.recovery.wrong',
    })
  })

  it('are all used up at the end', () => {
    expect(recovery.enrolled(person)).equal(true)
    expect(recovery.enrolled({ recovery: { ...kept, hashes: [] } } as unknown as Person)).equal(false)
  })
})
