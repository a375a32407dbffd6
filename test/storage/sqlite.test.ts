import { storeContract } from '../contracts/store.ts'
import { engines } from '../support/engines.ts'

for (const engine of engines().filter(({ name }) => name === 'sqlite'))
  describe('DC-3 the embedded store keeps the contract of the port', () => storeContract(engine))
