/** The steps that bring the APIs to what a file says of them. */
import type { Apis } from '../applications/applications.ts'
import { compare } from './compare.ts'
import type { StateDocument } from './document.ts'
import { type Step, toStep } from './plan.ts'

export function desireApis(document: StateDocument, apis: Apis): Promise<Step[]> {
  const wanted = Object.entries(document.apis)
  return Promise.all(
    wanted.map(async ([id, { name, scopes }]) => {
      const before = await apis.get(id)
      const after = {
        _id: id,
        name,
        scopes: Object.entries(scopes).map(([scope, description]) => ({ name: scope, description })),
      }
      const changes = compare(before, after, ['name', 'scopes'])
      return toStep({ kind: 'api', id, exists: before !== undefined }, changes, () => apis.put(after))
    }),
  )
}
