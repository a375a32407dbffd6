import { expect } from 'chai'
import { collections, createAccounts, createPictures, type Hasher } from '../../src/accounts/accounts.ts'
import { MaitredError } from '../../src/errors.ts'
import { engines } from '../support/engines.ts'
import { samplePicture } from '../support/sample-picture.ts'

for (const engine of engines()) {
  describe(`UM-1 the profile image (${engine.name})`, () => {
    it('is a document of its own, one for each person, that goes with them', async function () {
      this.timeout(60_000)
      const now = () => new Date('2030-01-01')
      const store = await engine.open({ collections, now })
      try {
        const accounts = createAccounts({ store, hasher: {} as Hasher, now })
        const pictures = createPictures({ store, accounts, now })
        const [spec] = collections.filter(({ name }) => name === 'pictures')
        if (!spec) throw new Error('the collection has another name')
        const person = await accounts.create({ email: 'ada@example.org' })

        const first = await pictures.put(person, samplePicture('jpeg'))
        const found = await pictures.read(first.picture ?? '')
        expect(found?.type).equal('image/jpeg')
        expect(found?.bytes.subarray(0, 3)).deep.equal(Buffer.from([0xff, 0xd8, 0xff]))
        expect(JSON.stringify(first)).not.contain(found?.bytes.toString('base64'))

        const second = await pictures.put(first, samplePicture('png'))
        expect(second.picture).not.equal(first.picture)
        expect(await pictures.read(first.picture ?? '')).equal(undefined)
        expect((await pictures.read(second.picture ?? ''))?.bytes.equals(samplePicture('png'))).equal(true)

        const refused = await pictures.put(second, Buffer.from('<svg/>')).catch((error: unknown) => error)
        expect(refused).instanceOf(MaitredError)
        expect((await accounts.find(person._id))?.picture).equal(second.picture)

        const without = await pictures.remove(second)
        expect(without).not.property('picture')
        expect(await store.collection(spec).count({})).equal(0)

        const again = await pictures.put(without, samplePicture('webp'))
        await accounts.remove(again)
        expect(await store.collection(spec).count({})).equal(0)
        const late = await pictures.put(again, samplePicture('webp')).catch((error: unknown) => error)
        expect(late).instanceOf(MaitredError).include({ code: 'conflict' })
        expect(await store.collection(spec).count({})).equal(0)
      } finally {
        await store.close()
      }
    })
  })
}
