/** What a person takes with them: all that is kept about them, and no secret. */
import type { Person, Pictures, SessionDocument, Sessions } from '../accounts/accounts.ts'
import type { Consents } from '../applications/applications.ts'
import type { Events, HistoryEntry } from '../events/events.ts'

export interface OwnDataOptions {
  pictures: Pick<Pictures, 'read'>
  sessions: Pick<Sessions, 'list'>
  events: Pick<Events, 'history'>
  consents: Pick<Consents, 'list'>
  rolesOf(person: Person): readonly string[]
}

const PAGE = 1_000

/** The document of the download; dates are ISO 8601 in UTC. */
export async function collectOwnData(options: OwnDataOptions, person: Person, now: Date) {
  const [sessions, signIns, consents, picture] = await Promise.all([
    options.sessions.list(person._id),
    wholeHistory(options.events, person._id),
    options.consents.list(person._id),
    person.picture === undefined ? undefined : options.pictures.read(person.picture),
  ])
  const { email, emailVerified, username, phone, firstName, lastName, birthdate, address, language } = person
  return {
    exportedAt: now,
    account: {
      id: person._id,
      status: person.status,
      createdAt: person.createdAt,
      updatedAt: person.updatedAt,
      roles: options.rolesOf(person),
      passwordChangedAt: person.password?.changedAt,
      twoStepSignIn: person.totp && { label: person.totp.label, since: person.totp.enrolledAt },
    },
    profile: {
      ...{ email, emailVerified, username, phone, firstName, lastName, birthdate, address, language },
      picture: picture && `data:${picture.type};base64,${picture.bytes.toString('base64')}`,
    },
    sessions: sessions.map(sessionOf),
    signIns: signIns.map(({ id: _, ...entry }) => entry),
    applications: consents.map(({ application, scopes, claims, resources, givenAt }) => ({
      ...{ application, scopes, claims, resources, givenAt },
    })),
  }
}

function sessionOf({ device, ip, startedAt, lastUsedAt, ends }: SessionDocument) {
  return { device, ip, startedAt, lastUsedAt, ends }
}

async function wholeHistory(events: Pick<Events, 'history'>, person: string): Promise<HistoryEntry[]> {
  const all: HistoryEntry[] = []
  for (;;) {
    const page = await events.history(person, { limit: PAGE, after: all.at(-1) })
    all.push(...page)
    if (page.length < PAGE) return all
  }
}
