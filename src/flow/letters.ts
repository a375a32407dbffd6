/** What the sign-in says by mail: each letter with where it was asked for, in the person's language. */
import type { Person } from '../accounts/accounts.ts'
import { type Application, appLink } from '../applications/applications.ts'
import { requestState } from '../http/http.ts'
import type { FactorChange, LetterContext, Mail, NameChange, NewMail } from '../mail/mail.ts'
import type { Write } from '../storage/storage.ts'
import type { Flow } from './step.ts'

/** Where a letter was caused: a request, perhaps on the way to an application. */
export interface Cause {
  ctx: Flow['ctx']
  application?: Application | undefined
}

interface Secrets {
  code: string
  link: string
  validMinutes: string
}

export interface Letters {
  verifyEmail(cause: Cause, to: string, secrets: Secrets): Write
  accountExists(cause: Cause, person: Person): Write
  /** To nobody, it is written all the same and never sent: the answer must not cost less. */
  resetPassword(
    cause: Cause,
    person: Person | undefined,
    secrets: { link: string; validMinutes: string },
  ): Write
  passwordChanged(cause: Cause, person: Person): Write
  factorChanged(cause: Cause, person: Person, what: FactorChange): Write
  nameChanged(cause: Cause, person: Person, what: NameChange): Write
  newDevice(cause: Cause, person: Person): Write
  /** To an address that is not the person's yet. */
  verifyNewEmail(cause: Cause, person: Person, to: string, secrets: Secrets): Write
  /** To the old address. */
  emailChanged(cause: Cause, person: Person, newEmail: string): Write
  /** A token was used twice: somebody may have a copy. */
  sessionWarning(person: Person, application: Application): Write
}

const NOBODY = 'nobody@maitred.invalid'

export function createLetters({
  mail,
  issuer,
}: {
  mail: Pick<Mail, 'write' | 'decoy'>
  issuer: string
}): Letters {
  function context({ ctx, application }: Cause, person: Person | undefined): LetterContext {
    const { device, ip, now } = requestState(ctx)
    // The account is the house's, whoever's application a person was on the way to.
    const app = application?.firstParty ? application.name : undefined
    return { app, person: person?.firstName, device, ip, time: now.toISOString() }
  }

  /** To the stored address only. A person without one gets no letter, so nothing is promised. */
  function toPerson(
    cause: Cause,
    person: Person,
    letter: (about: LetterContext) => Pick<NewMail, 'template' | 'data'>,
  ): Write {
    const to = person.email ?? ''
    const language = person.language ?? requestState(cause.ctx).language
    return mail.write({ to, language, ...letter(context(cause, person)) } as NewMail)
  }

  return {
    verifyEmail: (cause, to, secrets) =>
      mail.write({
        template: 'verify-email',
        to,
        language: requestState(cause.ctx).language,
        data: { ...context(cause, undefined), ...secrets },
      }),
    accountExists: (cause, person) =>
      toPerson(cause, person, (about) => ({
        template: 'account-exists',
        data: {
          ...about,
          link: (cause.application && appLink(cause.application).uri) ?? `${issuer}/account`,
          resetLink: `${issuer}/forgot-password`,
        },
      })),
    resetPassword(cause, person, secrets) {
      const data = { ...context(cause, person), ...secrets }
      const letter = { template: 'reset-password', data } as const
      if (person) return toPerson(cause, person, () => letter)
      return mail.decoy({ to: NOBODY, language: requestState(cause.ctx).language, ...letter })
    },
    passwordChanged: (cause, person) =>
      toPerson(cause, person, (about) => ({ template: 'password-changed', data: about })),
    factorChanged: (cause, person, what) =>
      toPerson(cause, person, (about) => ({ template: 'factor-changed', data: { ...about, what } })),
    nameChanged: (cause, person, what) =>
      toPerson(cause, person, (about) => ({ template: 'name-changed', data: { ...about, what } })),
    sessionWarning: (person, application) =>
      mail.write({
        template: 'session-warning',
        to: person.email ?? '',
        language: person.language ?? 'en',
        data: { application: application.name, app: application.name, person: person.firstName },
      }),
    newDevice: (cause, person) =>
      toPerson(cause, person, (about) => ({
        template: 'new-device',
        data: { ...about, device: about.device ?? '' },
      })),
    verifyNewEmail: (cause, person, to, secrets) =>
      mail.write({
        template: 'verify-new-email',
        to,
        language: person.language ?? requestState(cause.ctx).language,
        data: { ...context(cause, person), ...secrets },
      }),
    emailChanged: (cause, person, newEmail) =>
      toPerson(cause, person, (about) => ({ template: 'email-changed', data: { ...about, newEmail } })),
  }
}
