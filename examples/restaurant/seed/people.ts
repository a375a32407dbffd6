/** Who works in a restaurant and who comes to eat there. */
import type { Customer, StaffMember } from '../back-office/documents.ts'
import { searchTerm, searchTerms } from '../back-office/search-terms.ts'
import { firstNames, lastNames } from './names.ts'
import { createRandom, type Random } from './random.ts'

/** Somebody who has an account at the provider and finds their place in the restaurant by its verified email. */
export interface KnownColleague {
  email: string
  firstName: string
  lastName: string
  job: StaffMember['job']
}

const jobs: readonly StaffMember['job'][] = [
  ...(['owner', 'manager', 'manager'] as const),
  ...(['waiter', 'waiter', 'waiter', 'waiter', 'waiter', 'waiter', 'chef', 'chef', 'chef', 'chef'] as const),
]

/** One for each job that there is to do; those that are known take the first of theirs. */
export function staffOf(o: {
  seed: string
  restaurant: string
  known: readonly KnownColleague[]
  at: Date
}): StaffMember[] {
  const random = createRandom(`${o.seed}:${o.restaurant}:staff`)
  const waiting = [...o.known]
  return jobs.map((job, index) => {
    const place = waiting.findIndex((one) => one.job === job)
    const [colleague] = place === -1 ? [] : waiting.splice(place, 1)
    const name = colleague ?? nameOf(random)
    return {
      _id: `${o.restaurant}-s${index + 1}`,
      restaurant: o.restaurant,
      ...person(
        name,
        colleague?.email ?? `${mailName(name)}.${index + 1}@${o.restaurant}.bella-napoli.example`,
      ),
      phone: phoneOf(random),
      job,
      active: true,
      createdAt: o.at,
      updatedAt: o.at,
      version: 1,
    }
  })
}

export function customersOf(o: { seed: string; restaurant: string; count: number; at: Date }): Customer[] {
  const random = createRandom(`${o.seed}:${o.restaurant}:customers`)
  return Array.from({ length: o.count }, (_, index) => {
    const name = nameOf(random)
    const note = random.chance(0.1)
      ? random.pick(['Likes the table at the window', 'No nuts', 'Comes with a dog'])
      : ''
    return {
      _id: `${o.restaurant}-c${index + 1}`,
      restaurant: o.restaurant,
      ...person(name, `${mailName(name)}.${index + 1}@guests.example`),
      ...(random.chance(0.6) && { phone: phoneOf(random) }),
      ...(note && { note }),
      createdAt: o.at,
      updatedAt: o.at,
      version: 1,
    }
  })
}

function person({ firstName, lastName }: { firstName: string; lastName: string }, email: string) {
  return { firstName, lastName, email, search: searchTerms({ firstName, lastName, email }) }
}

function nameOf(random: Random): { firstName: string; lastName: string } {
  return { firstName: random.pick(firstNames), lastName: random.pick(lastNames) }
}

function mailName({ firstName, lastName }: { firstName: string; lastName: string }): string {
  return searchTerm(`${firstName}.${lastName}`).replaceAll(' ', '')
}

function phoneOf(random: Random): string {
  return `+39 0${random.between(10, 99)} 555 ${random.between(1_000, 9_999)}`
}
