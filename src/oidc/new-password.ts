/**
 * A new password by whoever knew the old one. What the old one has proved, and goes on, counts as proved by the new one
 * from then on; what another had proved, before the old one, does not.
 */
import { type Person, type SessionDocument, type Sessions, sessionCollection } from '../accounts/accounts.ts'
import type { AnyCollectionSpec, Store, Write } from '../storage/storage.ts'
import { type Endings, grantsEndingWith } from './endings.ts'
import { type TokenDocument, tokenCollection } from './token-document.ts'

/** Of the thousand writes that a batch takes. What is beyond it has to be proved again. */
const MOST_TAKEN_ALONG = 300

export interface PasswordChange {
  /** As they were before. */
  person: Person
  changedAt: Date
  /** The session in which it is changed; it stays. */
  session: string
  /** The other sessions end, and what outlives sessions. */
  endOthers: boolean
}

export type NewPasswordWrites = (change: PasswordChange) => Promise<Write[]>

export interface NewPasswordOptions {
  store: Store
  sessions: Pick<Sessions, 'all'>
  endings: Pick<Endings, 'personWrites' | 'personEntry'>
}

export function createNewPasswordWrites({ store, sessions, endings }: NewPasswordOptions): NewPasswordWrites {
  const tokens = store.collection(tokenCollection)

  return async function newPasswordWrites({ person: { _id, password }, changedAt, session, endOthers }) {
    const old = password?.changedAt
    const holds = ({ passwordSetAt }: SessionDocument | TokenDocument): boolean =>
      passwordSetAt === undefined || passwordSetAt.getTime() === old?.getTime()
    const takeAlong = (spec: AnyCollectionSpec, all: (SessionDocument | TokenDocument)[]): Write[] =>
      all.flatMap(({ _id: id, passwordSetAt }) =>
        passwordSetAt
          ? [{ in: spec, update: { _id: id, passwordSetAt }, change: { $set: { passwordSetAt: changedAt } } }]
          : [],
      )

    if (endOthers) {
      const kept = (await tokens.find({ session, offline: false })).filter(holds)
      const along = takeAlong(tokenCollection, kept).slice(0, MOST_TAKEN_ALONG)
      return [...(await endings.personWrites(_id, session)), ...along]
    }
    const kept = (await sessions.all(_id)).filter(holds)
    const given = (await tokens.find({ person: _id })).filter(holds)
    const others = kept.filter((one) => one._id !== session)
    const along = [...takeAlong(sessionCollection, others), ...takeAlong(tokenCollection, given)]
    const grants = [...kept.flatMap(grantsEndingWith), ...given.flatMap(({ grantId }) => grantId ?? [])]
    return [...along.slice(0, MOST_TAKEN_ALONG), endings.personEntry(_id, new Set(grants))]
  }
}
