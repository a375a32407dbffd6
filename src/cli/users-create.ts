/** `maitred users create --admin EMAIL`: the first administrator, or another, by a one-use link. */
import { normaliseEmail } from '../accounts/accounts.ts'
import type { App } from '../app.ts'
import { randomToken } from '../keys/keys.ts'
import { UsageError } from './explain.ts'
import { withApp } from './open-app.ts'
import type { Terminal } from './terminal.ts'

const HOURS = 24

/** Who holds it may do everything in Maitred itself, after a second factor. */
const role = {
  _id: 'administrator',
  title: 'Administrator',
  description: 'Runs Maitred',
  mfa: true,
}

export function usersCreate(terminal: Terminal, typed: string): Promise<number> {
  const email = normaliseEmail(typed)
  if (!email) throw new UsageError(`${typed} is not an email address.`)
  return withApp(terminal, async (app, { issuer }) => {
    await requireRole(app, issuer)
    const { person, token } = await createAdministrator(app, email)
    terminal.out(
      `${person.email} is an administrator once this link is used, within ${HOURS} hours and once:`,
    )
    terminal.out(`${issuer}/welcome?token=${token}`)
    return 0
  })
}

async function requireRole({ roles }: App, issuer: string): Promise<void> {
  if (roles.get(role._id)) return
  await roles.put({ ...role, permissions: [{ api: `${issuer}/api`, names: ['administer'] }] })
}

async function createAdministrator({ accounts, roles, tickets, events }: App, email: string) {
  const existing = await accounts.findByIdentifier(email)
  if (existing)
    throw new UsageError(`${email} belongs to somebody already; give that person the role instead.`)
  const id = randomToken(16)
  const { token, writes } = tickets.issue({ purpose: 'admin-invite', person: id, ttlSeconds: HOURS * 3600 })
  const person = await accounts.create(
    { _id: id, email, emailVerified: true, roles: roles.copy([role._id]), by: 'command line' },
    [...writes, events.record({ type: 'account_created', person: id, actor: 'command line' })],
  )
  return { person, token }
}
