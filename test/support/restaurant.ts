/** People, roles and applications that most journeys need. */
import * as client from 'openid-client'
import type { RunningApp } from './app.ts'
import { hashOf } from './remembered-hashes.ts'
import { createVisitor, textOf, type Visitor } from './visitor.ts'

export const PASSWORD = 'quiet-otter-paints-the-harbour'
export const CALLBACK = 'http://127.0.0.1:39999/callback'
export const API = 'https://api.bella-napoli.example/'

export interface Cast {
  person: { id: string; email: string }
  /** Secret of the confidential application `kitchen`. */
  secret: string
  machineSecret: string
}

/** Ada, a waiter; `kitchen`, a first-party web app; `planner`, a third party's; `robot`, a machine. */
export async function seedRestaurant(app: RunningApp): Promise<Cast> {
  const { accounts, applications, apis, roles } = app
  await roles.put({
    _id: 'waiter',
    title: 'Waiter',
    permissions: [{ api: API, names: ['shifts.read', 'bookings.read'] }],
    mfa: false,
  })
  await apis.put({
    _id: API,
    name: 'Bookings',
    scopes: [{ name: 'bookings.read', description: 'See bookings' }],
  })
  const shared = {
    redirectUris: [CALLBACK],
    postLogoutRedirectUris: ['http://127.0.0.1:39999/bye'],
    api: API,
  }
  await applications.put(
    { _id: 'kitchen', name: 'Kitchen display', firstParty: true, signUp: 'open', ...shared },
    'test',
  )
  await applications.put({ _id: 'planner', name: 'Table Planner', ...shared }, 'test')
  await applications.put(
    {
      _id: 'spa',
      name: 'Phone app',
      firstParty: true,
      kind: 'spa',
      origins: ['https://spa.example'],
      ...shared,
    },
    'test',
  )
  await applications.put({ _id: 'robot', name: 'Robot', kind: 'machine', api: API }, 'test')
  const secret = await applications.newSecret('kitchen', 'test')
  const machineSecret = await applications.newSecret('robot', 'test')
  await applications.newSecret('planner', 'test')
  const person = await accounts.create({
    email: 'ada@example.com',
    emailVerified: true,
    firstName: 'Ada',
    lastName: 'Rossi',
    passwordHash: await hashOf(PASSWORD),
    roles: roles.copy(['waiter']),
    by: 'test',
  })
  return { person: { id: person._id, email: 'ada@example.com' }, secret, machineSecret }
}

/** The application's own side, by `openid-client`. */
export async function relyingParty(
  app: RunningApp,
  clientId: string,
  secret?: string,
): Promise<client.Configuration> {
  return client.discovery(
    new URL(app.url),
    clientId,
    undefined,
    secret ? client.ClientSecretBasic(secret) : client.None(),
    { execute: [client.allowInsecureRequests] },
  )
}

/** An authorization request with all that a careful application sends. */
export async function beginSignIn(
  config: client.Configuration,
  extra: Record<string, string> = {},
): Promise<{ url: URL; finish(callback: string): ReturnType<typeof client.authorizationCodeGrant> }> {
  const verifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email roles',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...extra,
  })
  return {
    url,
    finish: (callback) =>
      client.authorizationCodeGrant(config, new URL(callback), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      }),
  }
}

/** Signs Ada in over HTTP and returns the application's tokens. */
export async function signIn(
  app: RunningApp,
  config: client.Configuration,
  o: { visitor?: Visitor; extra?: Record<string, string>; identifier?: string; password?: string } = {},
) {
  const visitor = o.visitor ?? createVisitor(app.url)
  const { url, finish } = await beginSignIn(config, o.extra)
  const page = await visitor.get(url.href)
  const { identifier = 'ada@example.com', password = PASSWORD } = o
  const after = page.leaves ? page : await visitor.submit(page, { identifier, password })
  if (!after.leaves) throw new Error(`the sign-in stopped at ${after.url}: ${textOf(after.html)}`)
  return { visitor, tokens: await finish(after.leaves), callback: after.leaves, finish }
}
