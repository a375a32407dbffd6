import { storeContract } from '../contracts/store.ts'
import { engines } from '../support/engines.ts'

describe('DC-3 the store on MongoDB', () => {
  const engine = engines().find(({ name }) => name === 'mongodb')
  if (!engine) return
  describe('keeps the contract', () => storeContract(engine))
})
