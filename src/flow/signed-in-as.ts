import type { Person } from '../accounts/accounts.ts'
import type { SignedIn } from './step.ts'

/** Who has just proved what; it holds for the password of this moment only. */
export function signedInAs(person: Person, amr: string[]): SignedIn {
  const passwordSetAt = person.password?.changedAt.getTime()
  return { accountId: person._id, amr, ...(passwordSetAt !== undefined && { passwordSetAt }) }
}
