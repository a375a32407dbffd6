/** `maitred registration-token`: lets whoever holds it register applications for a while (RFC 7591 §3). */
import { UsageError } from './explain.ts'
import { withApp } from './open-app.ts'
import type { Terminal } from './terminal.ts'

const MOST_HOURS = 24 * 30

export async function registrationToken(terminal: Terminal, typed: string): Promise<number> {
  const hours = /^\d{1,3}$/.test(typed) ? Number(typed) : 0
  if (hours < 1 || hours > MOST_HOURS) {
    throw new UsageError(`--hours ${typed} is not a whole number from 1 to ${MOST_HOURS}.`)
  }
  return withApp(terminal, async ({ oidc }, { issuer }) => {
    const token = await oidc.initialAccessToken(hours * 3_600)
    const span = hours === 1 ? '1 hour' : `${hours} hours`
    // Only the token goes to standard output, so that a script can keep it.
    terminal.err(`Whoever holds this token can register applications at ${issuer}/reg for ${span}.`)
    terminal.out(token)
    return 0
  })
}
