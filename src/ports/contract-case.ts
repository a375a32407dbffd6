/**
 * One promise of a contract as data, for any test runner: `for (const { name, run } of cases) it(name, run)`.
 * `run` rejects with an AssertionError when the promise is not kept.
 */
export interface ContractCase {
  name: string
  run(): Promise<void>
}
