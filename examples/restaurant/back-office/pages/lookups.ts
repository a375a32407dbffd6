/** Whole lists of the API, for choices and for names in place of ids. */
import type { z } from 'zod'
import { ApiProblem, apiPath, type Query } from '../../web/api-client.ts'
import type { OfficeVisit } from './office-visit.ts'
import { type Customer, customer, fullName, listOf, type StaffMember, staffMember } from './records.ts'

/** So many pages of 100 are read; nobody looks through a choice that is longer. */
const MOST_PAGES = 5

export async function readAll<T extends z.ZodType>(
  visit: OfficeVisit,
  path: string,
  item: T,
  query: Query = {},
): Promise<z.infer<T>[]> {
  const all: z.infer<T>[] = []
  let after: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const { items, next } = await visit.api.get(path, listOf(item), { ...query, limit: 100, after })
    all.push(...items)
    if (!next) break
    after = next
  }
  return all
}

/** The staff, those who left too: the books still name them. */
export function readStaff(visit: OfficeVisit): Promise<StaffMember[]> {
  return visit.may('staff.read') ? readAll(visit, '/staff', staffMember) : Promise.resolve([])
}

export type Names = (id: string | undefined) => string

/** What people are called; who is not among them is "somebody". */
export function namesOf(people: readonly { id: string; firstName: string; lastName: string }[]): Names {
  const names = new Map(people.map((person) => [person.id, fullName(person)]))
  return (id) => names.get(id ?? '') ?? 'somebody'
}

/** The customers with these ids, each asked for once; one who is gone is left out. */
export async function readCustomers(visit: OfficeVisit, ids: readonly string[]): Promise<Customer[]> {
  if (!visit.may('customers.read')) return []
  const found = await Promise.all(
    [...new Set(ids)].map((id) =>
      visit.api.get(apiPath`/customers/${id}`, customer).catch((error: unknown) => {
        if (error instanceof ApiProblem && error.status === 404) return undefined
        throw error
      }),
    ),
  )
  return found.filter((one) => one !== undefined)
}
