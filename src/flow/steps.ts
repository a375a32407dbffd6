/** The sign-in, as a list: reordering it is reordering a line. */
import type { Accounts, Person } from '../accounts/accounts.ts'
import type { Apis, Consents } from '../applications/applications.ts'
import type { Events } from '../events/events.ts'
import type { Recovery, Totp } from '../plugins/plugins.ts'
import type { Store, Write } from '../storage/storage.ts'
import { approval } from './approval.ts'
import { consent } from './consent.ts'
import { enrolFactor } from './enrol-factor.ts'
import { identify } from './identify.ts'
import { needsSecondFactor } from './mfa.ts'
import { hasFactor, secondFactor } from './second-factor.ts'
import type { SignInGuard } from './sign-in-guard.ts'
import type { Flow, Route, Step } from './step.ts'

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
  roles: { of(person: Person): readonly string[]; requireMfa(person: Person): boolean }
  /** Pages of the first step: sign-up and its verification. */
  signUp: Readonly<Record<string, Route>>
  factorMail(flow: Flow, person: Person): Write[]
  wake(): void
}

export function createSteps(options: StepsOptions): readonly Step[] {
  const { store, roles } = options
  const rules = { requiredByRole: roles.requireMfa }
  const commit = (writes: Write[]): Promise<void> => store.batch(writes)
  return [
    identify({
      ...options,
      isComplete: (flow, person) =>
        !hasFactor(options, person) && !needsSecondFactor(rules, { ...flow, person }),
      routes: options.signUp,
    }),
    approval(),
    enrolFactor({ ...options, rules }),
    secondFactor({ ...options, commit }),
    consent({ ...options, rolesOf: roles.of }),
  ]
}
