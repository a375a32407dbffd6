/** What changed in the form of the data, in order: a number once given is never given again. */
import { giveSessionsAnEnd } from '../accounts/accounts.ts'
import type { Config } from '../config.ts'
import type { Migration } from '../storage/storage.ts'

export function createMigrations({ sessionIdle }: Config['lifetimes']): Migration[] {
  return [
    {
      id: 1,
      title: 'Sessions end before the store forgets them',
      run: (store) => giveSessionsAnEnd(store, sessionIdle),
    },
  ]
}
