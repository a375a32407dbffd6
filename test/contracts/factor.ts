/**
 * The suite that every second factor passes, on both engines. An author of a factor calls it with theirs:
 *
 *     factorContract('my factor', () => ({ factor, enrolment, code, at, wrongCode }))
 *
 * `make` enrols anew at each call.
 */
import { expect } from 'chai'
import {
  type Accounts,
  collections,
  createAccounts,
  type Hasher,
  type NewPerson,
  type Person,
} from '../../src/accounts/accounts.ts'
import type { Factor } from '../../src/plugins/plugins.ts'
import type { Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

export interface FactorUnderTest {
  factor: Factor
  /** What the document of an enrolled person holds. */
  enrolment: Pick<NewPerson, 'totp' | 'recovery'>
  /** The `n`th right code, from 0; each another one. */
  code(n: number): string
  wrongCode: string
  /** The moment at which `code(n)` is right. */
  at(n: number): Date
}

const racers = 50
/** No password is hashed here. */
const hasher = {} as Hasher

export function factorContract(name: string, make: () => FactorUnderTest): void {
  for (const engine of engines()) {
    describe(`SB-6 the factor ${name} keeps its contract (${engine.name})`, () => {
      const now = () => new Date('2030-01-01T12:00:00Z')
      let store: Store
      let accounts: Accounts
      let one: FactorUnderTest
      let person: Person

      before(async function () {
        this.timeout(60_000)
        store = await engine.open({ collections, now })
        accounts = createAccounts({ store, hasher, now })
      })
      after(() => store.close())
      beforeEach(async () => {
        one = make()
        person = await accounts.create(one.enrolment)
      })

      /** What the host does with a code; true when it lets the person in. */
      async function use(as: Person, code: string, at: Date): Promise<boolean> {
        const verdict = one.factor.verify(as, code, at)
        if (!verdict.accept) return false
        return (await accounts.change(as._id, verdict.match, verdict.change)) !== undefined
      }

      async function reread(): Promise<Person> {
        const found = await accounts.find(person._id)
        if (!found) throw new Error('the person is gone')
        return found
      }

      it('knows who is enrolled', async () => {
        expect(one.factor.enrolled(person)).equal(true)
        expect(one.factor.enrolled(await accounts.create({}))).equal(false)
      })

      it('says what it proves', () => {
        expect(one.factor.amr).include('mfa')
        expect(one.factor.name).match(/^[a-z]+$/)
      })

      it('accepts a right code once, and the next one after it', async () => {
        expect(await use(person, one.code(0), one.at(0))).equal(true)
        expect(await use(await reread(), one.code(0), one.at(0))).equal(false)
        expect(await use(await reread(), one.code(1), one.at(1))).equal(true)
        expect(await use(await reread(), one.code(1), one.at(1))).equal(false)
        expect(await use(await reread(), one.code(0), one.at(1))).equal(false)
      })

      it('refuses a used code also to whoever read the person before', async () => {
        expect(await use(person, one.code(0), one.at(0))).equal(true)
        expect(await use(person, one.code(0), one.at(0))).equal(false)
      })

      it(`lets exactly one of ${racers} racers in`, async () => {
        const outcomes = await Promise.all(
          Array.from({ length: racers }, () => use(person, one.code(0), one.at(0))),
        )
        expect(outcomes.filter(Boolean)).length(1)
      })

      it('refuses a wrong code, and odd ones, with a reason', () => {
        const odd = ['', ' ', '0', '\0', '-1', 'NaN', '１２３', '💥', 'x'.repeat(100_000), "' or 1=1"]
        for (const code of [one.wrongCode, ...odd]) {
          expect(one.factor.verify(person, code, one.at(0)))
            .property('reason')
            .match(/^error\./)
        }
      })

      it('refuses the code of somebody else', async () => {
        const other = make()
        const somebody = await accounts.create(other.enrolment)
        expect(one.factor.verify(somebody, one.code(0), one.at(0)).accept).equal(false)
      })

      it('refuses whoever is not enrolled', async () => {
        const nobody = await accounts.create({})
        expect(one.factor.verify(nobody, one.code(0), one.at(0)).accept).equal(false)
      })

      it('refuses a code of an enrolment that was replaced in between', async () => {
        const verdict = one.factor.verify(person, one.code(0), one.at(0))
        await accounts.change(person._id, {}, { $set: { ...make().enrolment } })
        if (!verdict.accept) throw new Error('the right code was refused')
        expect(await accounts.change(person._id, verdict.match, verdict.change)).equal(undefined)
      })

      it('keeps no code and changes nothing else of the person', async () => {
        const verdict = one.factor.verify(person, one.code(0), one.at(0))
        if (!verdict.accept) throw new Error('the right code was refused')
        const field = Object.keys(one.enrolment)[0] ?? ''
        const paths = Object.values(verdict.change).flatMap((part) => Object.keys(part))
        for (const path of paths) expect(path.split('.')[0]).equal(field)
        expect(JSON.stringify([verdict, one.enrolment])).not.contain(one.code(0))
      })
    })
  }
}
