import { expect } from 'chai'
import { failure } from '../contracts/store-bench.ts'
import { engines } from '../support/engines.ts'
import { startMongod } from '../support/mongod.ts'

const engine = engines().find(({ name }) => name === 'mongodb')

;(engine ? describe : describe.skip)('the store on a replica set that was never initiated', () => {
  if (!engine) return

  it('is refused with the command that mends it', async () => {
    const mongod = await startMongod('uninitiated')
    const place = await engine.place()
    try {
      const opened = engine.open({ collections: [] }, { ...place, mongodbUri: mongod.freshUri() })
      const error = await failure(opened, Error)
      expect(error.message).to.contain('rs.initiate()').and.not.to.contain('--replSet')
    } finally {
      await mongod.stop()
      await place.remove()
    }
  })
})
