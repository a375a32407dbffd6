import { expect } from 'chai'
import { MaitredError } from '../../src/errors.ts'
import { checkSecret, collections, createVault, randomToken } from '../../src/keys/keys.ts'
import type { Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

for (const engine of engines()) {
  describe(`RF-11 a start with the wrong secret is refused (${engine.name})`, () => {
    const [one, two] = [randomToken(), randomToken()]
    let store: Store

    beforeEach(async function () {
      this.timeout(60_000)
      store = await engine.open({ collections })
    })
    afterEach(() => store.close())

    const refusal = (...secrets: string[]) =>
      checkSecret(store, createVault(secrets)).then(
        () => undefined,
        (error: unknown) => error,
      )

    it('with a sentence that says what to do and no secret', async () => {
      await checkSecret(store, createVault([one]))
      const error = await refusal(two)
      expect(error).instanceOf(MaitredError)
      const told = String((error as MaitredError).cause)
      expect(told).contain('MAITRED_SECRET is not the secret')
      expect(told).not.contain(one).not.contain(two)
    })

    it('but not with the right one, alone or in a list', async () => {
      await checkSecret(store, createVault([one]))
      expect(await refusal(one)).equal(undefined)
      expect(await refusal(two, one)).equal(undefined)
      expect(await refusal(two)).instanceOf(MaitredError)
    })

    it('also when two processes begin at once with different ones', async () => {
      const outcomes = await Promise.all([refusal(one), refusal(two)])
      expect(outcomes.filter((error) => error instanceof MaitredError)).length(1)
    })
  })
}
