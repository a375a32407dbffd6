/** Who needs a second factor, where. */
import type { Person } from '../accounts/accounts.ts'
import type { Application } from '../applications/applications.ts'
import { asksForSecondFactor } from './acr.ts'
import type { Situation } from './step.ts'

export interface MfaRules {
  /** Reports whether a role of the person requires it. */
  requiredByRole(person: Person): boolean
}

/** Reports whether the account must have a second factor here, whatever this request asks for. */
function isMfaMandatory(rules: MfaRules, person: Person, application: Application): boolean {
  return person.mfa === true || application.mfa || rules.requiredByRole(person)
}

export function needsSecondFactor(rules: MfaRules, { person, application, request }: Situation): boolean {
  return (
    person !== undefined &&
    (isMfaMandatory(rules, person, application) || asksForSecondFactor(request.acrValues))
  )
}
