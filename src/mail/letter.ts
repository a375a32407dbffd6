/** What can be said to people: the kinds of mail, and what each needs to know. */

/** Where it came from, and for whom; said in every mail where it is known. */
export interface LetterContext {
  /** Where the person was going, "Bella Napoli"; absent, the product's name. */
  app?: string | undefined
  /** The first name. It was typed by somebody: one that looks like an address or a link is left out. */
  person?: string | undefined
  /** "Chrome on Windows" */
  device?: string | undefined
  ip?: string | undefined
  /** "Naples, Italy" */
  place?: string | undefined
  /** ISO 8601; absent, when the mail was written. */
  time?: string | undefined
}

/** How long a code or link works, in minutes as digits. */
interface Validity {
  validMinutes?: string | undefined
}

/** What changed about the second step; the words are those of the events. */
export type FactorChange = 'factor_enrolled' | 'factor_removed' | 'recovery_codes_made' | 'recovery_code_used'

/** What changed about a name by which one signs in, besides the email address. */
export type NameChange = 'username_new' | 'username_removed' | 'phone_new' | 'phone_removed'

export interface LetterData {
  'verify-email': { code: string; link: string } & Validity
  'account-exists': { link: string; resetLink: string }
  'reset-password': { link: string } & Validity
  'password-changed': object
  'verify-new-email': { code: string; link: string } & Validity
  'email-changed': { newEmail: string }
  'factor-changed': { what: FactorChange }
  'name-changed': { what: NameChange }
  'new-device': { device: string }
  'session-warning': { application: string }
  'invitation-admin': { link: string } & Validity
}

export type MailTemplate = keyof LetterData

/** A template with its data. */
export type Letter = {
  [T in MailTemplate]: { template: T; data: LetterData[T] & LetterContext }
}[MailTemplate]
