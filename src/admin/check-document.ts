/** What a schema cannot see: whether the parts of a state file fit each other and what is there already. */
import { judgePassword, passwordLimits } from '../accounts/accounts.ts'
import { type Apis, type Application, type Applications, isWebUri } from '../applications/applications.ts'
import { createLocale } from '../locale/locale.ts'
import type { Roles } from '../orgs/orgs.ts'
import { authMethodOf } from './desire-applications.ts'
import type { Problem, StateDocument } from './document.ts'
import type { DesiredApplication, DesiredPerson } from './document-schema.ts'

export interface Surroundings {
  apis: Pick<Apis, 'get'>
  applications: Pick<Applications, 'get' | 'idTokenAlgorithms'>
  roles: Pick<Roles, 'get'>
  builtIn: readonly string[]
}

export async function checkDocument(document: StateDocument, there: Surroundings): Promise<Problem[]> {
  const { problemAt } = document
  const isApi = async (uri: string) =>
    uri === '*' || Object.hasOwn(document.apis, uri) || (await there.apis.get(uri)) !== undefined
  const problems: Problem[] = []

  for (const [id, role] of Object.entries(document.roles)) {
    for (const api of Object.keys(role.permissions)) {
      if (!(await isApi(api)))
        problems.push(problemAt(['roles', id, 'permissions', api], 'there is no such API'))
    }
  }
  for (const [id, application] of Object.entries(document.applications)) {
    const path = ['applications', id]
    if (there.builtIn.includes(id)) problems.push(problemAt(path, 'is part of Maitred; choose another id'))
    if (application.api && !(await isApi(application.api)))
      problems.push(problemAt([...path, 'api'], 'there is no such API'))
    for (const role of application.signUpRoles) {
      if (!document.roles[role] && !there.roles.get(role))
        problems.push(problemAt([...path, 'signUpRoles'], `there is no role ${role}`))
    }
    const { idTokenAlgorithms: algorithms } = there.applications
    if (application.idTokenAlg && !algorithms.includes(application.idTokenAlg)) {
      const text = `there is no key for it; possible: ${algorithms.join(', ')} (algorithms in the configuration)`
      problems.push(problemAt([...path, 'idTokenAlg'], text))
    }
    for (const [key, text] of checkApplication(application, await there.applications.get(id)))
      problems.push(problemAt([...path, key], text))
  }
  for (const [index, person] of document.people.entries()) {
    for (const [key, text] of checkPerson(person, document, there.roles))
      problems.push(problemAt(['people', index, key], text))
  }
  return [...problems, ...checkTwice(document)]
}

type Found = [key: string, text: string][]

function checkApplication(application: DesiredApplication, before: Application | undefined): Found {
  const { kind, grants, redirectUris, secret, jwks, jwksUri, pkce } = application
  const method = authMethodOf(application, before)
  const found: Found = []
  const isPublic = kind === 'spa' || kind === 'native'
  if (isPublic && secret) found.push(['secret', `an application of kind ${kind} cannot keep a secret`])
  if (kind === 'machine' && method === 'none')
    found.push(['kind', 'a machine needs a secret, jwks or jwksUri'])
  if (method.startsWith('client_secret') && !secret && !before?.secretHash)
    found.push(['authMethod', `${method} needs a secret`])
  if (method === 'private_key_jwt' && !jwks && !jwksUri)
    found.push(['authMethod', 'private_key_jwt needs jwks or jwksUri'])
  if (jwks && jwksUri) found.push(['jwksUri', 'jwks or jwksUri, not both'])
  if (method === 'none' && grants?.includes('client_credentials'))
    found.push(['grants', 'client_credentials needs a secret, jwks or jwksUri'])
  if ((isPublic || method === 'none') && pkce === false)
    found.push(['pkce', 'only an application with a secret, jwks or jwksUri can do without'])
  const redirects = grants?.includes('authorization_code') ?? kind !== 'machine'
  if (redirects && redirectUris.length === 0)
    found.push(['redirectUris', 'the grant authorization_code needs at least one'])
  if (kind !== 'native' && !redirectUris.every(isWebUri))
    found.push(['redirectUris', 'a private scheme is for an application of kind native'])
  return found
}

function checkPerson(person: DesiredPerson, document: StateDocument, roles: Surroundings['roles']): Found {
  const found: Found = []
  const wanted = (person.roles ?? []).map((id) => ({ id, role: document.roles[id] ?? roles.get(id) }))
  for (const { id, role } of wanted) if (!role) found.push(['roles', `there is no role ${id}`])
  if (person.password !== undefined) {
    const mfa = person.mfa === true || wanted.some(({ role }) => role?.mfa)
    const reason = judgePassword(person.password, { mfa, context: contextOf(person) })
    if (reason) found.push(['password', english(reason, passwordLimits(mfa))])
  }
  return found
}

const english = createLocale().translate('en')

/** What an attacker would try first for this person. */
function contextOf({ email, username, firstName, lastName }: DesiredPerson): string[] {
  const words = ['Maitred', email?.split('@', 1)[0], username, firstName, lastName]
  return words.filter((word) => word !== undefined)
}

/** Two entries about one person would undo each other at every run. */
function checkTwice({ people, problemAt }: StateDocument): Problem[] {
  const seen = new Map<string, number>()
  return people.flatMap((person, index) =>
    (['id', 'email', 'username', 'phone'] as const).flatMap((key) => {
      const value = person[key]
      if (value === undefined) return []
      const first = seen.get(`${key}:${value}`)
      seen.set(`${key}:${value}`, first ?? index)
      return first === undefined ? [] : [problemAt(['people', index, key], `people.${first} has the same`)]
    }),
  )
}
