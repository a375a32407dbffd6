/**
 * A person's own pages under `/account`: what others know of them, how they sign in, where they are signed
 * in, whom they let in, and the way out. This room owns the pages and their gate; what they change belongs
 * to the rooms below, and what an administrator does with people is not its business.
 */
import type { Router } from '@koa/router'
import type { Shell } from '../http/http.ts'
import { CALLBACK } from './account-application.ts'
import { type ApplicationsPageOptions, routeApplications } from './applications-page.ts'
import { type DataPageOptions, routeData } from './data-page.ts'
import { type EmailPageOptions, routeEmail } from './email-page.ts'
import { createGate, type GateOptions } from './gate.ts'
import { type HistoryPageOptions, routeHistory } from './history-page.ts'
import { type PasswordPageOptions, routePassword } from './password-page.ts'
import { type PicturePageOptions, routePicture } from './picture-page.ts'
import { type ProfilePageOptions, routeProfile } from './profile-page.ts'
import { redirect } from './redirect.ts'
import { routeSessions, type SessionsPageOptions } from './sessions-page.ts'
import { routeTwoStep, type TwoStepPageOptions } from './two-step-page.ts'
import { createVisits, type VisitsOptions } from './visits.ts'

export { accountApplication, applicationId as accountApplicationId } from './account-application.ts'

type Needs = GateOptions &
  VisitsOptions &
  ProfilePageOptions &
  PicturePageOptions &
  PasswordPageOptions &
  EmailPageOptions &
  TwoStepPageOptions &
  SessionsPageOptions &
  HistoryPageOptions &
  ApplicationsPageOptions &
  DataPageOptions

/** What the pages need of the house; each names its part where it is built. */
export type AccountPagesOptions = Omit<Needs, 'visits' | 'gate' | 'router'> & {
  shell: Pick<Shell, 'page'> & { router: Router }
}

export function routeAccountPages(given: AccountPagesOptions): void {
  const { router } = given.shell
  const gate = createGate(given)
  const visits = createVisits({ ...given, gate })
  const options = { ...given, gate, visits, router }
  // Where password managers lead to (W3C: A Well-Known URL for Changing Passwords).
  router.get('/.well-known/change-password', (ctx) => redirect(ctx, '/account/password'))
  router.get('/', (ctx) => redirect(ctx, '/account'))
  router.get('/account', (ctx) => redirect(ctx, '/account/profile'))
  router.get('/signup', (ctx) => gate.signUp(ctx))
  router.get(CALLBACK, (ctx) => gate.callback(ctx))
  routeProfile(options)
  routePicture(options)
  routePassword(options)
  routeEmail(options)
  routeTwoStep(options)
  routeSessions(options)
  routeHistory(options)
  routeApplications(options)
  routeData(options)
}
