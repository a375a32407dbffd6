/**
 * The sign-in: an ordered list of steps and the one router that serves them. A step decides from persisted
 * state whether it is due; the list decides the order. It does not know the protocol: `oidc` walks the list.
 */
export { type ACR, acrOf, acrValues } from './acr.ts'
export { scopesIn, scopeTitle } from './consent.ts'
export { createDeviceCookie } from './device-cookie.ts'
export { dueSteps } from './due-steps.ts'
export { createEmailProofs, type EmailProofs } from './email-proof.ts'
export { drawOffer } from './enrol-factor.ts'
export { createKeptEnrolment, type KeptAt, type KeptEnrolment } from './kept-enrolment.ts'
export { createLetters, type Letters } from './letters.ts'
export { routeRecovery, wordsOf } from './recover.ts'
export { type FlowInteraction, routeFlow } from './router.ts'
export { amrWith } from './second-factor.ts'
export { type Attempt, createSignInGuard, type SignInGuard } from './sign-in-guard.ts'
export { beginningOf, originOf, signInRecord } from './sign-in-record.ts'
export { checkNewPassword } from './sign-up.ts'
export type {
  AuthorizationRequest,
  Flow,
  Route,
  SessionView,
  SignedIn,
  Situation,
  Step,
  StepResult,
} from './step.ts'
export { createSteps } from './steps.ts'
export { routeVerifyLink } from './verify-link.ts'
