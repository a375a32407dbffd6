/** The sign-in, as a list: reordering it is reordering a line. */
import type { Accounts, Hasher, Person, RoleCopy } from '../accounts/accounts.ts'
import type { Apis, Consents } from '../applications/applications.ts'
import type { Events } from '../events/events.ts'
import type { Limits } from '../http/http.ts'
import type { Recovery, Totp } from '../plugins/plugins.ts'
import type { Store, Write } from '../storage/storage.ts'
import { approval } from './approval.ts'
import { consent } from './consent.ts'
import type { EmailProofs } from './email-proof.ts'
import { enrolFactor } from './enrol-factor.ts'
import { identify } from './identify.ts'
import type { KeptEnrolment } from './kept-enrolment.ts'
import type { Letters } from './letters.ts'
import { needsSecondFactor } from './mfa.ts'
import { profile } from './profile.ts'
import { hasFactor, secondFactor } from './second-factor.ts'
import type { SignInGuard } from './sign-in-guard.ts'
import { signUpRoutes } from './sign-up.ts'
import type { Flow, Step } from './step.ts'
import { verifyEmail } from './verify-email.ts'

export interface StepsOptions {
  brand: string
  store: Store
  accounts: Accounts
  consents: Consents
  apis: Apis
  events: Events
  guard: SignInGuard
  totp: Totp
  recovery: Recovery
  roles: {
    titles(person: Person): readonly string[]
    requireMfa(person: Person): boolean
    copy(ids: readonly string[]): RoleCopy[]
  }
  issuer: string
  hasher: Hasher
  limits: Limits
  proofs: EmailProofs
  kept: KeptEnrolment
  letters: Letters
  wake(): void
}

export function createSteps(options: StepsOptions): readonly Step[] {
  const { store, roles } = options
  const rules = { requiredByRole: roles.requireMfa }
  const commit = (writes: Write[]): Promise<void> => store.batch(writes)
  const isComplete = (flow: Flow, person: Person): boolean =>
    !hasFactor(options, person) && !needsSecondFactor(rules, { ...flow, person })
  return [
    identify({
      ...options,
      isComplete,
      routes: signUpRoutes({ ...options, isComplete, copyRoles: roles.copy }),
    }),
    verifyEmail(options),
    approval(),
    enrolFactor({ ...options, rules }),
    secondFactor({ ...options, commit }),
    profile(options),
    consent({ ...options, roleTitles: roles.titles }),
  ]
}
