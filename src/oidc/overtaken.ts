/** What a person has proved, and whether it still holds: a new password, or the account's end, overtakes it. */
import type { Accounts, Person } from '../accounts/accounts.ts'
import type { SignedIn } from '../flow/flow.ts'
import { BatchError, type Match, type Store } from '../storage/storage.ts'
import { type Payload, protocolContext, requestMemory } from './request.ts'

export type Proof = Pick<SignedIn, 'accountId' | 'passwordSetAt'>

/** Who has signed in, as an interaction's result has it. */
export function proofIn({ result }: Payload): Proof | undefined {
  return (result as { login?: Proof } | undefined)?.login
}

/**
 * When the password was set that the running request's session, as `person`'s, was proved by: in the step that has
 * just been done, or before.
 */
export function passwordSetAtOf(person: string): Date | undefined {
  const proof = proofIn({ result: protocolContext()?.oidc.result })
  if (proof?.accountId === person && proof.passwordSetAt !== undefined) return new Date(proof.passwordSetAt)
  const { session } = requestMemory()
  return session?.person === person ? session.passwordSetAt : undefined
}

export async function isOvertaken(
  proof: Proof,
  findPerson: (id: string) => Promise<Person | undefined>,
): Promise<boolean> {
  const person = await findPerson(proof.accountId)
  if (!person || person.status === 'disabled') return true
  return person.password?.changedAt.getTime() !== proof.passwordSetAt
}

/**
 * Reports whether it still holds, by a write that collides with whatever overtakes it: whoever wrote a session first
 * is told here, or that session is found and ended there.
 */
export async function isConfirmed(
  { accountId, passwordSetAt }: Proof,
  { store, accounts }: { store: Pick<Store, 'batch'>; accounts: Pick<Accounts, 'requireWrite'> },
): Promise<boolean> {
  const same: Match =
    passwordSetAt === undefined
      ? { password: { $exists: false } }
      : { 'password.changedAt': new Date(passwordSetAt) }
  try {
    await store.batch([accounts.requireWrite(accountId, { ...same, status: { $ne: 'disabled' } })])
    return true
  } catch (error) {
    if (!(error instanceof BatchError) || error.cause !== undefined) throw error
    return false
  }
}
