/** Who one is, as apps learn it: one form with the picture, so that nothing typed is lost by saving the other. */
import { z } from 'zod'
import {
  type Accounts,
  IdentifierTakenError,
  largestPicture,
  normalisePhone,
  normaliseUsername,
  type Pictures,
} from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import type { Letters } from '../flow/flow.ts'
import { type Limits, readUpload, requestState } from '../http/http.ts'
import type { Vault } from '../keys/keys.ts'
import type { Write } from '../storage/storage.ts'
import type { Gate, Visit } from './gate.ts'
import type { AccountPage, Visits } from './visits.ts'

export interface ProfilePageOptions {
  visits: Visits
  gate: Gate
  vault: Pick<Vault, 'sealValue' | 'openValue'>
  accounts: Pick<Accounts, 'change' | 'changeIdentifiers'>
  pictures: Pick<Pictures, 'put' | 'remove'>
  limits: Limits
  letters: Pick<Letters, 'nameChanged'>
  wake(): void
}

/** What may be left empty comes as an empty text. */
const line = (most: number) =>
  z
    .string()
    .max(most, 'error.field.tooLong')
    .regex(/^\P{Cc}*$/u)
    .transform((typed) => typed.trim())
    .optional()

const form = z.strictObject({
  firstName: line(100),
  lastName: line(100),
  username: line(100),
  phone: line(50),
  birthdate: line(10),
  language: z.enum(['en', 'de']).optional(),
  street: line(200),
  postalCode: line(20),
  city: line(200),
  region: line(200),
  country: line(200),
  removePicture: z.literal('yes').optional(),
})

const addressFields = ['street', 'postalCode', 'city', 'region', 'country'] as const
const EARLIEST = '1880-01-01'
const DRAFT = 'account-profile-draft'
type Draft = [person: string, names: Record<string, string>]

export function routeProfile(options: ProfilePageOptions): void {
  const { visits, gate, vault, accounts, limits } = options

  const page: AccountPage = {
    path: '/account/profile',
    async show(visit, again) {
      const values = { ...valuesOf(visit), ...readDraft(visit), ...again?.values }
      const locals = { today: dayOf(visit.now), values }
      await visits.render(visit, 'account/profile', locals, again && { ...again, values })
    },
  }

  /** The names that were typed before the sign-in was asked for again; sealed, because they travel in the URL. */
  function writeDraft({ person }: Visit, names: Names): string {
    return encodeURIComponent(vault.sealValue(DRAFT, [person._id, names]))
  }

  function readDraft({ ctx, person }: Visit): Record<string, string> {
    const [id, names] = (vault.openValue(DRAFT, ctx.query.draft) ?? []) as Partial<Draft>
    return id === person._id ? { ...names } : {}
  }

  /** To the address, which stays as it is: whoever changes the other names cannot keep it from their owner. */
  function tellOwner(visit: Visit, typed: Names): Write[] {
    const { ctx, person } = visit
    if (!person.email) return []
    const names = normalised(typed)
    const others = (['username', 'phone'] as const).filter((name) => names[name] !== person[name])
    return others.map((name) =>
      options.letters.nameChanged({ ctx }, person, names[name] ? `${name}_new` : `${name}_removed`),
    )
  }

  async function read({ ctx }: Visit) {
    try {
      return await readUpload(ctx, form, { maxBytes: largestPicture })
    } catch (error) {
      if (!(error instanceof MaitredError) || error.code !== 'too_large') throw error
      throw new MaitredError('invalid_form', { fields: { picture: 'error.field.picture' }, cause: error })
    }
  }

  /** Before the rest: a picture that is none saves nothing of it. */
  async function savePicture(visit: Visit, file: Buffer | undefined, isUnwanted: boolean): Promise<void> {
    const { pictures } = options
    const trace = [visits.record(visit, 'profile_changed')]
    if (file) visit.person = await pictures.put(visit.person, file, trace)
    else if (isUnwanted && visit.person.picture) visit.person = await pictures.remove(visit.person, trace)
  }

  async function save(visit: Visit): Promise<void> {
    const { now } = visit
    const { data, file } = await read(visit)
    const { username, phone, birthdate, language, firstName, lastName, removePicture, ...typed } = data
    if (birthdate && !isPastDay(birthdate, now)) throw refused('birthdate', 'error.field.date')
    if (!username && !visit.person.email && visit.person.username)
      throw refused('username', 'error.field.required')
    const address = Object.fromEntries(
      addressFields.flatMap((name) => (typed[name] ? [[name, typed[name]]] : [])),
    )
    const plain = {
      firstName,
      lastName,
      birthdate,
      language,
      address: Object.keys(address).length > 0 ? address : undefined,
    }
    const given = Object.entries(plain)
    await limits.take(`profile:${visit.person._id}`, { max: 30, windowSeconds: 3_600 })
    await savePicture(visit, file, removePicture !== undefined)
    const { person } = visit
    const change = {
      $set: Object.fromEntries(given.filter(([, value]) => value)),
      $unset: Object.fromEntries(given.filter(([, value]) => !value).map(([name]) => [name, true as const])),
    }
    const also = [visits.record(visit, 'profile_changed')]
    if (isOtherName(visit, { username, phone })) {
      const to = `${page.path}?done=confirmed&draft=${writeDraft(visit, { username, phone })}`
      // Who finds a browser open must not take away by which name its owner signs in.
      if (!gate.confirm(visit, { to, back: page.path }))
        return void (await accounts.change(person._id, {}, change, also))
    }
    try {
      const names = { username: username || null, phone: phone || null }
      await accounts.changeIdentifiers(person, names, change, [
        ...also,
        ...tellOwner(visit, { username, phone }),
      ])
    } catch (error) {
      if (error instanceof IdentifierTakenError) throw refused(error.kind, 'error.field.taken')
      throw error
    }
    options.wake()
    visits.done(visit, page.path, 'saved')
  }

  visits.open(page)
  visits.act(page.path, page, save)
}

/** By which one signs in, as typed. */
interface Names {
  username?: string | undefined
  phone?: string | undefined
}

function normalised({ username = '', phone = '' }: Names): Names {
  return { username: normaliseUsername(username), phone: normalisePhone(phone) }
}

function isOtherName({ person }: Visit, typed: Names): boolean {
  const { username, phone } = normalised(typed)
  return username !== person.username || phone !== person.phone
}

function valuesOf({ person, ctx }: Visit): Record<string, string> {
  const { firstName, lastName, username, phone, birthdate, address } = person
  const language = person.language ?? requestState(ctx).language
  const values = { firstName, lastName, username, phone, birthdate, language, ...address }
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

function refused(field: string, text: string): MaitredError {
  return new MaitredError('invalid_form', { fields: { [field]: text } })
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10)
}

function isPastDay(typed: string, now: Date): boolean {
  return z.iso.date().safeParse(typed).success && typed >= EARLIEST && typed <= dayOf(now)
}
