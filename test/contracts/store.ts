/**
 * The contract of the storage port: what both engines promise, as mocha tests. An engine's test is
 * `describe('…', () => storeContract(engine))`. It does not test what happens when a process or a server
 * dies; `test/faults` does.
 */
import type { Engine } from '../support/engines.ts'
import { apartContract } from './store-apart.ts'
import { batchContract } from './store-batch.ts'
import { benchFor } from './store-bench.ts'
import { changeContract } from './store-change.ts'
import { documentContract } from './store-document.ts'
import { expiryContract } from './store-expiry.ts'
import { findContract } from './store-find.ts'
import { matchContract } from './store-match.ts'
import { migrationContract } from './store-migration.ts'
import { raceContract } from './store-race.ts'
import { uniqueContract } from './store-unique.ts'
import { watchContract } from './store-watch.ts'

export function storeContract(engine: Pick<Engine, 'open' | 'place'>): void {
  const bench = benchFor(engine)
  describe('documents', () => documentContract(bench))
  describe('unique keys', () => uniqueContract(bench))
  describe('matches', () => matchContract(bench))
  describe('order and paging', () => findContract(bench))
  describe('changes', () => changeContract(bench))
  describe('races', () => raceContract(bench))
  describe('batches', () => batchContract(bench))
  describe('writes apart', () => apartContract(bench))
  describe('expiry', () => expiryContract(bench))
  describe('watch', () => watchContract(bench))
  describe('SB-4 migrations', () => migrationContract(bench))
}
