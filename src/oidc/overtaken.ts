/** Whether what a person has proved still holds: a new password, or the account's end, overtakes it. */
import type { Person } from '../accounts/accounts.ts'
import type { SignedIn } from '../flow/flow.ts'
import type { Payload } from './request.ts'

export type Proof = Pick<SignedIn, 'accountId' | 'passwordSetAt'>

/** Who has signed in, as an interaction's result has it. */
export function proofIn({ result }: Payload): Proof | undefined {
  return (result as { login?: Proof } | undefined)?.login
}

export async function isOvertaken(
  proof: Proof,
  findPerson: (id: string) => Promise<Person | undefined>,
): Promise<boolean> {
  const person = await findPerson(proof.accountId)
  if (!person || person.status === 'disabled') return true
  return person.password?.changedAt.getTime() !== proof.passwordSetAt
}
