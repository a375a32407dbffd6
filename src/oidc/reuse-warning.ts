/** A refresh token came back after its successor was used: somebody may have a copy, and the person is told. */
import type { Accounts } from '../accounts/accounts.ts'
import type { Applications } from '../applications/applications.ts'
import type { Events } from '../events/events.ts'
import type { Letters } from '../flow/flow.ts'
import type { Write } from '../storage/storage.ts'

/** A trace, and a warning for the person; written with the end of the grant. */
export type ReuseWarning = (person: string, application: string) => Promise<Write[]>

export function createReuseWarning(options: {
  accounts: Pick<Accounts, 'find'>
  applications: Pick<Applications, 'get'>
  events: Pick<Events, 'record'>
  letters: Pick<Letters, 'sessionWarning'>
}): ReuseWarning {
  return async (personId, applicationId) => {
    const [person, application] = await Promise.all([
      options.accounts.find(personId),
      options.applications.get(applicationId),
    ])
    const letter = person?.email && application && options.letters.sessionWarning(person, application)
    const trace = { type: 'refresh_reuse', person: personId, application: applicationId } as const
    return [options.events.record(trace), ...(letter ? [letter] : [])]
  }
}
