import type { Person } from '../accounts/accounts.ts'
import type { SessionView, SignedIn } from './step.ts'

/**
 * Who has just proved what; it holds for the password of this moment only. The time is said, because later
 * steps carry this on and the library would take their time for it (`auth_time`, OpenID Connect Core 1.0 §2).
 * @param session what is proved further in: another factor makes nothing new of the password that proved it
 */
export function signedInAs(person: Person, amr: string[], now: Date, session?: SessionView): SignedIn {
  const passwordSetAt = (session?.passwordSetAt ?? person.password?.changedAt)?.getTime()
  const ts = Math.floor(now.getTime() / 1000)
  return { accountId: person._id, amr, ts, ...(passwordSetAt !== undefined && { passwordSetAt }) }
}
