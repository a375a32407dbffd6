/** Who runs Maitred itself: whoever has a role that permits `administer` on its own API. One must remain. */
import type { Accounts, Person } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import type { Write } from '../storage/storage.ts'
import type { Roles } from './roles.ts'

const PERMISSION = 'administer'
const PAGE = 100

export interface Administrators {
  /**
   * Guards for the batch that takes an administrator away; none when the person is no administrator.
   * @throws MaitredError `conflict` when nobody else is one
   */
  succession(person: Person): Promise<Write[]>
}

export function createAdministrators(o: {
  issuer: string
  accounts: Pick<Accounts, 'holders' | 'requireWrite'>
  roles: Pick<Roles, 'list' | 'effective'>
}): Administrators {
  const { accounts, roles } = o
  const api = `${o.issuer}/api`
  /** Who was invited and never came is none yet. */
  const isOne = (person: Person): boolean =>
    person.status === 'active' &&
    person.password !== undefined &&
    roles.effective(person).permissionsFor(api).includes(PERMISSION)

  async function another(role: string, than: string): Promise<Person | undefined> {
    let after: string | undefined
    for (;;) {
      const page = await accounts.holders(role, { limit: PAGE, ...(after !== undefined && { after }) })
      const found = page.find((person) => person._id !== than && isOne(person))
      if (found || page.length < PAGE) return found
      after = page.at(-1)?._id
    }
  }

  return {
    async succession(person) {
      if (!isOne(person)) return []
      for (const { _id: role, permissions } of roles.list()) {
        const gives = permissions.some(
          (one) => [api, '*'].includes(one.api) && one.names.includes(PERMISSION),
        )
        const successor = gives && (await another(role, person._id))
        if (successor) return [accounts.requireWrite(successor._id, { status: 'active', 'roles.id': role })]
      }
      throw new MaitredError('conflict', { cause: 'the last administrator' })
    },
  }
}
