/** The steps that bring the applications to what a file says of them. */
import {
  type Application,
  type Applications,
  completeApplication,
  type NewApplication,
} from '../applications/applications.ts'
import { sha256 } from '../keys/keys.ts'
import { compare } from './compare.ts'
import type { StateDocument } from './document.ts'
import type { DesiredApplication } from './document-schema.ts'
import { type Step, toStep } from './plan.ts'

/** What the store keeps of its own accord. */
const bookkeeping = ['_id', 'version', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy', 'metadata']

export function desireApplications(
  document: StateDocument,
  o: { applications: Applications; by: string; now: () => Date },
): Promise<Step[]> {
  return Promise.all(
    Object.entries(document.applications).map(async ([id, desired]) => {
      const before = await o.applications.get(id)
      const given = toApplication(id, desired, before)
      const after = completeApplication(given, o.by, o.now())
      const fields = new Set([...Object.keys(given), ...Object.keys(after), ...Object.keys(before ?? {})])
      const told = [...fields].filter((field) => !bookkeeping.includes(field))
      const changes = compare(before, after, told, ['secretHash'])
      return toStep({ kind: 'application', id, exists: before !== undefined }, changes, async () => {
        await o.applications.put(given, o.by)
      })
    }),
  )
}

/** How the application proves itself when the file does not say. */
export function authMethodOf(
  desired: DesiredApplication,
  before: Application | undefined,
): Application['authMethod'] {
  if (desired.authMethod) return desired.authMethod
  if (desired.jwks || desired.jwksUri) return 'private_key_jwt'
  return desired.secret || before?.secretHash ? 'client_secret_basic' : 'none'
}

function toApplication(
  id: string,
  { secret, ...desired }: DesiredApplication,
  before: Application | undefined,
): NewApplication {
  const authMethod = authMethodOf({ ...desired, ...(secret && { secret }) }, before)
  // A secret that was made here and is in no file stays, unless the application shall have none.
  const secretHash = secret ? sha256(secret) : before?.secretHash
  return {
    ...desired,
    _id: id,
    authMethod,
    ...(secretHash && authMethod.startsWith('client_secret') && { secretHash }),
    ...(before?.metadata && { metadata: before.metadata }),
  }
}
