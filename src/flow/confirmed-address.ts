/**
 * The link of a sign-up mail makes the account and never signs in: what it leaves to do is to sign in, in the browser
 * that the sign-up began in, with the address that is known there.
 */
import type { EmailProofs } from './email-proof.ts'
import type { Flow } from './step.ts'

/** The address that was confirmed by the link for the sign-up of this browser, at this application. */
export async function confirmedAddress(
  proofs: Pick<EmailProofs, 'confirmed'>,
  { ctx, application }: Pick<Flow, 'ctx' | 'application'>,
): Promise<string | undefined> {
  const ticket = await proofs.confirmed(ctx, 'signup')
  return ticket?.data.application === application._id ? String(ticket.data.email) : undefined
}

/** The sign-in that says so. */
export function confirmedSignIn(signInUrl: string): string {
  return `${signInUrl}&confirmed`
}

/** Reports whether a sign-in was reached that way; what the browser has proved decides what is said. */
export function saysConfirmed({ ctx }: Pick<Flow, 'ctx'>): boolean {
  return ctx.query.confirmed !== undefined
}
