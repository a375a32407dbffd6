/** A person with a second factor, whose key and recovery codes the test knows. */
import { generateSync } from 'otplib'
import { createRecovery, createTotp } from '../../src/plugins/plugins.ts'
import type { RunningApp } from './app.ts'
import { PASSWORD } from './restaurant.ts'

export async function createGuarded(app: RunningApp, email: string) {
  const now = new Date()
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
  const made = createRecovery().make(now)
  const totp = createTotp({ vault: app.vault }).adopt(secret, { label: email, now })
  const person = await app.accounts.create({ email, emailVerified: true, password: PASSWORD })
  await app.accounts.change(person._id, {}, { $set: { totp, recovery: made.recovery } })
  return {
    id: person._id,
    codes: made.codes,
    code: () => generateSync({ secret }),
    /** As if the last code had been used a while ago. */
    forgetStep: () => app.accounts.change(person._id, {}, { $set: { 'totp.lastStep': 0 } }),
  }
}
