/**
 * People as they were a moment ago, in memory: for whoever tells of them again and again (userinfo, refreshes).
 * A change made here is seen at once, one of another process within the watch's 500 ms. Who decides over a
 * person's secrets or changes a person reads the store.
 */
import { cacheCollection, type Store } from '../storage/storage.ts'
import type { Accounts } from './accounts.ts'
import { type Person, personCollection } from './person.ts'

export interface KnownPeople {
  find(id: string): Promise<Person | undefined>
  /** As the store has them now; known from then on. */
  findAnew(id: string): Promise<Person | undefined>
  /** The next `find` reads the store. */
  forget(id: string): void
  /** The same accounts, whose changes are seen here at once; who is found by what was typed is known from then on. */
  beside(accounts: Accounts): Accounts
  stop(): Promise<void>
}

export async function openKnownPeople(store: Store): Promise<KnownPeople> {
  const { get, know, forget, stop } = await cacheCollection(store, personCollection)
  return {
    find: get,
    findAnew(id) {
      forget(id)
      return get(id)
    },
    forget,
    beside(accounts) {
      const telling = <A extends [Person | string, ...unknown[]], R>(change: (...args: A) => Promise<R>) => {
        return async (...args: A): Promise<R> => {
          try {
            return await change(...args)
          } finally {
            forget(typeof args[0] === 'string' ? args[0] : args[0]._id)
          }
        }
      }
      return {
        ...accounts,
        findByIdentifier: (typed) => know(() => accounts.findByIdentifier(typed)),
        change: telling(accounts.change),
        changeEmail: telling(accounts.changeEmail),
        changeIdentifiers: telling(accounts.changeIdentifiers),
        setRoles: telling(accounts.setRoles),
        setPassword: telling(accounts.setPassword),
        setPasswordHash: telling(accounts.setPasswordHash),
        remove: telling(accounts.remove),
      }
    },
    stop,
  }
}
