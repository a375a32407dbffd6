/** Plan and apply: what a state file says, compared with what is there, and brought about in an order that fits. */
import type { Accounts } from '../accounts/accounts.ts'
import type { Apis, Applications } from '../applications/applications.ts'
import type { Roles } from '../orgs/orgs.ts'
import type { Store, Write } from '../storage/storage.ts'
import { checkDocument } from './check-document.ts'
import { desireApis } from './desire-apis.ts'
import { desireApplications } from './desire-applications.ts'
import { createDesirePerson, type PersonOptions } from './desire-person.ts'
import { desireRoles } from './desire-roles.ts'
import { DocumentError, type StateDocument } from './document.ts'
import type { Plan, PlanItem, Step } from './plan.ts'

export interface DesiredState {
  /** What `apply` would do. Writes nothing. @throws DocumentError with every problem at once */
  plan(document: StateDocument): Promise<Plan>
  /**
   * Brings about what the file describes and answers what was done. Each object is written whole or not at
   * all; after an interruption, applying again does the rest. @throws DocumentError before anything is written
   */
  apply(document: StateDocument): Promise<Plan>
}

export interface DesiredStateOptions extends Omit<PersonOptions, 'by' | 'roles'> {
  store: Store
  accounts: Accounts
  roles: Pick<Roles, 'get' | 'list' | 'put' | 'copy'>
  applications: Applications
  apis: Apis
  /** Ids of the applications that are part of Maitred itself: no file names them. */
  builtIn: readonly string[]
}

/** Who is named as the author of what a file brought. */
const by = 'state-file'

export function createDesiredState(o: DesiredStateOptions): DesiredState {
  const { store, roles, applications, apis, events, now, builtIn } = o
  const desirePerson = createDesirePerson({ ...o, by })

  async function steps(document: StateDocument): Promise<Step[]> {
    const problems = await checkDocument(document, o)
    const people: Step[] = []
    // One after the other: each may cost a password hash, and sign-ins must not wait for a whole file.
    const named = new Map<string, number>()
    for (const [index, entry] of document.people.entries()) {
      const step = await desirePerson(entry)
      const { person, clash } = step
      const problem = (text: string) => problems.push(document.problemAt(['people', index], text))
      if (clash) problem('id, email, username and phone belong to different people')
      const first = person === undefined ? undefined : named.get(person)
      if (first !== undefined && !clash) problem(`is by now the same person as people.${first}`)
      if (person !== undefined && !clash) named.set(person, first ?? index)
      people.push(step)
    }
    if (problems.length > 0) throw new DocumentError(problems)
    return [
      ...(await desireApis(document, apis)),
      ...desireRoles(document, roles),
      ...(await desireApplications(document, { applications, by, now })),
      ...people,
    ]
  }

  async function unnamed(document: StateDocument): Promise<Plan['unnamed']> {
    const there: [Plan['unnamed'][number]['kind'], { _id: string }[], object][] = [
      ['api', await apis.list(), document.apis],
      ['role', roles.list(), document.roles],
      ['application', await applications.list(), document.applications],
    ]
    return there.flatMap(([kind, found, named]) =>
      found
        .filter(({ _id }) => !Object.hasOwn(named, _id) && !(kind === 'application' && builtIn.includes(_id)))
        .map(({ _id: id }) => ({ kind, id })),
    )
  }

  const toPlan = async (document: StateDocument, done: Step[]): Promise<Plan> => ({
    items: done.map(({ item }) => item),
    unnamed: await unnamed(document),
  })

  function trace(done: Step[]): Write {
    const count = (action: PlanItem['action']) =>
      `${done.filter(({ item }) => item.action === action).length}`
    return events.record({
      type: 'state_applied',
      actor: by,
      detail: { created: count('create'), changed: count('change') },
    })
  }

  return {
    plan: async (document) => toPlan(document, await steps(document)),
    async apply(document) {
      const planned = await steps(document)
      for (const { run } of planned) await run?.()
      if (planned.some(({ item }) => item.action === 'create' || item.action === 'change'))
        await store.batch([trace(planned)])
      return toPlan(document, planned)
    },
  }
}
