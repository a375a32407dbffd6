/** `maitred users create --admin EMAIL`: the first administrator, or another, by a one-use link. */
import { normaliseEmail } from '../accounts/accounts.ts'
import type { App } from '../app.ts'
import { randomToken } from '../keys/keys.ts'
import { UsageError } from './explain.ts'
import { withApp } from './open-app.ts'
import type { Terminal } from './terminal.ts'

const HOURS = 24
const AUTHOR = 'command line'

/** Who holds it may do everything in Maitred itself, after a second factor. */
const role = {
  _id: 'administrator',
  title: 'Administrator',
  description: 'Runs Maitred',
  mfa: true,
}

export async function usersCreate(terminal: Terminal, typed: string): Promise<number> {
  const email = normaliseEmail(typed)
  if (!email) throw new UsageError(`${typed} is not an email address.`)
  return withApp(terminal, async (app, { issuer }) => {
    await requireRole(app, issuer)
    const { token, isAgain } = await invite(app, email)
    if (isAgain) terminal.out(`${email} was invited before: an earlier link no longer works.`)
    terminal.out(`Open this link within ${HOURS} hours to set a password for ${email}; it works once.`)
    terminal.out(`${issuer}/welcome?token=${token}`)
    return 0
  })
}

async function requireRole({ roles }: App, issuer: string): Promise<void> {
  if (roles.get(role._id)) return
  await roles.put({ ...role, permissions: [{ api: `${issuer}/api`, names: ['administer'] }] })
}

/** Who was invited and never came gets another link, and the old one stops working. */
async function invite({ accounts, roles, tickets, events, store }: App, email: string) {
  const existing = await accounts.findByIdentifier(email)
  const isWaiting = existing && !existing.password && existing.roles.some(({ id }) => id === role._id)
  if (existing && !isWaiting) {
    throw new UsageError(`${email} belongs to somebody already; give that person the role instead.`)
  }
  const id = existing?._id ?? randomToken(16)
  const ticket = { purpose: 'admin-invite', person: id, ttlSeconds: HOURS * 3600, replaces: true } as const
  const { token, writes } = tickets.issue(ticket)
  if (existing) {
    await store.batch(writes)
    return { token, isAgain: true }
  }
  await accounts.create({ _id: id, email, emailVerified: true, roles: roles.copy([role._id]), by: AUTHOR }, [
    ...writes,
    events.record({ type: 'account_created', person: id, actor: AUTHOR }),
  ])
  return { token, isAgain: false }
}
