/** A new address: proved by a code or link that only it receives, and told to the old one. */
import { z } from 'zod'
import { type Accounts, normaliseEmail, type Person, type Ticket } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import type { EmailProofs, Letters } from '../flow/flow.ts'
import { hideReferrer, type Limits, readForm } from '../http/http.ts'
import type { Vault } from '../keys/keys.ts'
import type { BrowserSessions } from '../oidc/oidc.ts'
import { BatchError, DuplicateKeyError } from '../storage/storage.ts'
import type { Gate, Visit } from './gate.ts'
import type { AccountPage, Visits } from './visits.ts'

export interface EmailPageOptions {
  visits: Visits
  gate: Gate
  accounts: Pick<Accounts, 'findByIdentifier' | 'changeEmail'>
  proofs: EmailProofs
  limits: Limits
  letters: Pick<Letters, 'verifyNewEmail' | 'emailChanged' | 'accountExists'>
  vault: Pick<Vault, 'sealValue' | 'openValue'>
  browserSessions: Pick<BrowserSessions, 'hold'>
  wake(): void
}

const PURPOSE = 'change-email'
const PATH = '/account/email'
const LINK = '/account/email/link'
const DRAFT = 'account-email-draft'
type Draft = [person: string, email: string]

const form = z.strictObject({
  email: z.string().min(1, 'error.field.required').max(320, 'error.field.tooLong'),
})
const codeForm = z.strictObject({
  code: z.string().min(1, 'error.field.required').max(100, 'error.field.tooLong'),
})
const linkForm = z.strictObject({ token: z.string().min(1).max(200) })
const empty = z.strictObject({})

export function routeEmail(options: EmailPageOptions): void {
  const { visits, gate, accounts, proofs, limits, letters, vault } = options

  /** What this person is proving in this browser. */
  async function pendingOf({ ctx, person }: Visit): Promise<Ticket | undefined> {
    const ticket = await proofs.current(ctx, PURPOSE)
    return ticket?.person === person._id ? ticket : undefined
  }

  const page: AccountPage = {
    path: PATH,
    async show(visit, again) {
      const { person } = visit
      const locals = {
        email: person.email,
        emailVerified: person.emailVerified,
        pendingEmail: (await pendingOf(visit))?.data.email,
        values: { email: readDraft(visit) },
      }
      await visits.render(visit, 'account/email', locals, again)
    },
  }

  /** What was typed before the sign-in was asked for again; sealed, because it travels in the URL. */
  function writeDraft({ person }: Visit, email: string): string {
    return encodeURIComponent(vault.sealValue(DRAFT, [person._id, email] satisfies Draft))
  }

  function readDraft({ ctx, person }: Visit): string | undefined {
    const [id, email] = (vault.openValue(DRAFT, ctx.query.draft) ?? []) as Partial<Draft>
    return id === person._id ? email : undefined
  }

  /** The answer is the same when the address belongs to somebody else; then its owner is told, and no code is right. */
  async function send(visit: Visit, email: string): Promise<void> {
    const { ctx, person } = visit
    const owner = await accounts.findByIdentifier(email)
    await limits.take(`change-email:${person._id}`, { max: 10, windowSeconds: 3_600 })
    await proofs.begin(ctx, {
      purpose: PURPOSE,
      email,
      person: person._id,
      path: LINK,
      data: { known: owner !== undefined },
      letter: (secrets) =>
        owner
          ? [letters.accountExists({ ctx }, owner)]
          : [letters.verifyNewEmail({ ctx }, person, email, secrets)],
    })
  }

  async function begin(visit: Visit): Promise<void> {
    const { email: typed } = await readForm(visit.ctx, form)
    const email = normaliseEmail(typed)
    if (!email) throw refused('email', 'error.field.email')
    if (email === visit.person.email) throw refused('email', 'error.email.same')
    const to = `${PATH}?done=confirmed&draft=${writeDraft(visit, typed)}`
    if (!gate.confirm(visit, { to, back: PATH })) return
    await send(visit, email)
    visits.done(visit, PATH, 'sent')
  }

  async function change(visit: Visit, ticket: Ticket): Promise<void> {
    const { ctx, person } = visit
    const email = String(ticket.data.email)
    if (ticket.person !== person._id) throw new MaitredError('expired')
    if (ticket.data.known) throw refused('code', 'error.code.wrong')
    try {
      await accounts.changeEmail(person, email, [
        ...proofs.spend(ticket),
        options.browserSessions.hold(visit.session),
        visits.record(visit, 'email_changed'),
        ...tellOld(visit, person, email),
      ])
    } catch (error) {
      if (!(error instanceof BatchError) && !(error instanceof DuplicateKeyError)) throw error
      // Used at once by code and link, or somebody else has proved the address meanwhile.
      throw new MaitredError('invalid_form', { fields: { code: 'error.code.expired' }, cause: error })
    }
    proofs.forget(ctx)
    options.wake()
    visits.done(visit, PATH, 'email')
  }

  function tellOld({ ctx }: Visit, person: Person, email: string) {
    return person.email ? [letters.emailChanged({ ctx }, person, email)] : []
  }

  async function confirm(visit: Visit): Promise<void> {
    const { code } = await readForm(visit.ctx, codeForm)
    if (!(await pendingOf(visit))) throw refused('code', 'error.code.expired')
    await change(visit, await proofs.check(visit.ctx, PURPOSE, code))
  }

  async function resend(visit: Visit): Promise<void> {
    await readForm(visit.ctx, empty)
    const pending = await pendingOf(visit)
    if (pending) await send(visit, String(pending.data.email))
    visits.done(visit, PATH, 'sent')
  }

  async function cancel(visit: Visit): Promise<void> {
    await readForm(visit.ctx, empty)
    proofs.forget(visit.ctx)
    visits.done(visit, PATH, 'kept')
  }

  /** A link works in any browser, but only for whoever asked for it: it proves the address, not the person. */
  async function byLink({ ctx, person }: Visit, token: string): Promise<Ticket> {
    hideReferrer(ctx)
    const found = await proofs.byLink(ctx, PURPOSE, token)
    if (found?.ticket.person !== person._id) throw new MaitredError('expired')
    return found.ticket
  }

  /** A link that works no more says how things stand: most often its own code or button has done the work. */
  async function orOver(visit: Visit, follow: () => Promise<void>): Promise<void> {
    try {
      await follow()
    } catch (error) {
      const { person, t } = visit
      const isOver = error instanceof MaitredError && error.code === 'expired'
      if (!isOver || !person.email || !person.emailVerified) throw error
      const text = t('account.email.link.over', { email: person.email })
      await page.show(visit, { status: 410, problem: { text }, fields: {}, values: {} })
    }
  }

  async function showLink(visit: Visit): Promise<void> {
    const token = String(visit.ctx.query.token ?? '')
    const { data } = await byLink(visit, token)
    await visits.render(visit, 'account/confirm-email', {
      action: LINK,
      hidden: { token },
      email: data.email,
    })
  }

  visits.open(page)
  visits.act(PATH, page, begin)
  visits.act(`${PATH}/confirm`, page, confirm)
  visits.act(`${PATH}/resend`, page, resend)
  visits.act(`${PATH}/cancel`, page, cancel)
  visits.open({ path: LINK, show: (visit) => orOver(visit, () => showLink(visit)) })
  visits.act(LINK, page, async (visit) => {
    const { token } = await readForm(visit.ctx, linkForm)
    await orOver(visit, async () => change(visit, await byLink(visit, token)))
  })
}

function refused(field: string, text: string): MaitredError {
  return new MaitredError('invalid_form', { fields: { [field]: text } })
}
