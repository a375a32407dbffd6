/** `maitred users history PERSON`: every sign-in to an account and every attempt, for an administrator (AA-6). */
import type { HistoryEntry } from '../events/events.ts'
import { UsageError } from './explain.ts'
import { withApp } from './open-app.ts'
import type { Terminal } from './terminal.ts'

const MOST = 1_000

/**
 * One line for each, the newest first, with tabs between: time (UTC), outcome, method, application, address, device.
 * @param identifier an email address, a user name or a phone number
 */
export async function usersHistory(terminal: Terminal, identifier: string, typed: string): Promise<number> {
  const limit = /^\d{1,4}$/.test(typed) ? Number(typed) : 0
  if (limit < 1 || limit > MOST)
    throw new UsageError(`--last ${typed} is not a whole number from 1 to ${MOST}.`)
  return withApp(terminal, async ({ accounts, events }) => {
    const person = await accounts.findByIdentifier(identifier)
    if (!person) throw new UsageError(`There is nobody called ${identifier}.`)
    const entries = await events.history(person._id, { limit })
    if (entries.length === 0) terminal.err('There was no sign-in and no attempt.')
    for (const entry of entries) terminal.out(lineOf(entry))
    return 0
  })
}

function lineOf({ at, outcome, method = '-', application = '-', ip, device }: HistoryEntry): string {
  const parts = [at.toISOString(), outcome, method, application, ip || '-', device || '-']
  // Part of it comes from strangers, and a terminal obeys what it prints.
  return parts.map((part) => part.replaceAll(/\p{C}/gu, '?')).join('\t')
}
