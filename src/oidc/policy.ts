/**
 * The list of steps as the library's interaction policy: the order of the sign-in is the order of the
 * list. Each check asks the step, and the step asks persisted state.
 */
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { type ACR, acrValues, type Situation, type Step } from '../flow/flow.ts'
import { askedOfIdToken } from './asked-claims.ts'
import { missingFrom, wantedBy } from './grants.ts'
import type { Payload } from './request.ts'

const { base, Check, Prompt } = interactionPolicy

/** Prompts that the first step answers: who are you? */
const IDENTIFY = ['login', 'create', 'select_account']

/** Long enough to fetch a code from one's mails in between. */
const RECENT_MS = 15 * 60_000

/** The step that serves a prompt of the library. */
export function stepOfPrompt(prompt: string): string {
  return IDENTIFY.includes(prompt) ? 'identify' : prompt
}

export function policyOf(
  steps: readonly Step[],
  situationOf: (ctx: KoaContextWithOIDC) => Promise<Situation>,
  lookAgain: (ctx: KoaContextWithOIDC) => boolean,
): ReturnType<typeof base> {
  async function isDue(ctx: KoaContextWithOIDC, due: Step['due']): Promise<boolean> {
    if (!(await due(await situationOf(ctx)))) return false
    return lookAgain(ctx) ? due(await situationOf(ctx)) : true
  }

  const policy = base()
  const login = policy.get('login')
  policy.remove('login')
  policy.remove('consent')
  if (!login) throw new TypeError('the library has no login prompt any more')
  // Which authentication is enough is the business of the second factor's step.
  login.checks.remove('essential_acrs')
  login.checks.remove('essential_acr')
  login.checks.remove('id_token_hint')
  login.checks.remove('claims_id_token_sub_value')
  login.checks.add(
    new Check('subject', 'another person has to sign in', 'login_required', expectedPerson(situationOf)),
  )

  const enrolment = steps.find(({ name }) => name === 'enrolFactor')
  for (const step of steps) {
    if (step.name === 'identify') {
      login.checks.add(
        new Check('due', `the person has to pass the step ${step.name}`, 'login_required', (ctx) =>
          isDue(ctx, (situation) => step.due(situation)),
        ),
      )
      login.checks.add(
        new Check('too_long_ago', 'the sign-in is too long ago', 'login_required', (ctx) =>
          isDue(ctx, async (situation) => !isRecent(situation) && (await enrolment?.due(situation)) === true),
        ),
      )
      policy.add(login)
      for (const name of IDENTIFY.slice(1)) policy.add(new Prompt({ name, requestable: true }))
      continue
    }
    const check = new Check(
      'due',
      `the person has to pass the step ${step.name}`,
      step.name === 'consent' ? 'consent_required' : 'interaction_required',
      async (ctx) => {
        if (step.name === 'secondFactor') refuseUnknownAcr(ctx)
        return isDue(ctx, (situation) => step.due(situation))
      },
    )
    const requestable = step.name === 'consent'
    const details = (ctx: KoaContextWithOIDC) =>
      requestable ? { missing: missingFrom(ctx) ?? wantedBy(ctx) } : {}
    policy.add(new Prompt({ name: step.name, requestable }, details, check))
  }
  return policy
}

/** Who sets up the factor that guards the account from then on must be its owner, not whoever finds a browser open. */
function isRecent({ session, now }: Situation): boolean {
  return session !== undefined && now.getTime() - session.authTime.getTime() <= RECENT_MS
}

/** Another person than the wanted one is asked to sign in once, not for ever (OpenID Connect Core 1.0 §3.1.2.2). */
function expectedPerson(
  situationOf: (ctx: KoaContextWithOIDC) => Promise<Situation>,
): (ctx: KoaContextWithOIDC) => Promise<boolean> {
  return async (ctx) => {
    const { request, session } = await situationOf(ctx)
    if (request.subject === undefined || request.subject === session?.accountId)
      return Check.NO_NEED_TO_PROMPT
    if (session && ctx.oidc.result?.login) {
      throw new errors.CustomOIDCProviderError(
        'login_required',
        'another person than the wanted one signed in',
      )
    }
    return Check.REQUEST_PROMPT
  }
}

/** An essential `acr` that we cannot give is an error, not an endless question (OpenID Connect Core 1.0 §5.5.1.1). */
function refuseUnknownAcr(ctx: KoaContextWithOIDC): void {
  const { acr } = askedOfIdToken(ctx.oidc.params as Payload)
  if (!acr?.essential || acr.values.some((value) => acrValues.includes(value as ACR))) return
  throw new errors.CustomOIDCProviderError(
    'unmet_authentication_requirements',
    'none of the requested acr values can be reached here',
  )
}
