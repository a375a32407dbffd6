/** What is measured: how a caller prepares, and what he then does again and again. */
import {
  authorization,
  basic,
  type Caller,
  codeIn,
  type createJar,
  exchange,
  expectStatus,
  type Tokens,
} from './caller.ts'
import { onwards, signIn } from './sign-in.ts'
import type { Offer } from './subject.ts'

export interface Scenario {
  readonly title: string
  /** How much of the work of other scenarios one round does; 1 is the common measure. */
  readonly share: number
  /** At most so many at once. */
  readonly callers?: number
  prepare(caller: Caller, offer: Offer): Promise<() => Promise<void>>
}

export const scenarios = {
  'client-credentials': {
    title: 'client credentials',
    share: 1,
    async prepare(caller, { secrets }) {
      const headers = basic('robot', secrets.robot)
      return async () => {
        expectStatus(await caller.send('POST', '/token', headers, 'grant_type=client_credentials'), 200)
      }
    },
  },
  refresh: {
    title: 'refresh',
    share: 1,
    async prepare(caller, offer) {
      let { tokens } = await signIn(caller, offer, 'kitchen')
      const headers = basic('kitchen', offer.secrets.kitchen)
      return async () => {
        const body = `grant_type=refresh_token&refresh_token=${tokens.refresh_token}`
        tokens = JSON.parse(expectStatus(await caller.send('POST', '/token', headers, body), 200).body)
      }
    },
  },
  'code-flow': {
    title: 'code flow with a session',
    share: 0.7,
    async prepare(caller, offer) {
      const { jar } = await signIn(caller, offer, 'kitchen')
      return async () => {
        await authorizeAgain(caller, offer, jar)
      }
    },
  },
  'sign-in': {
    title: 'sign-in with a password',
    share: 0.5,
    callers: 8,
    prepare: async (caller, offer) => async () => {
      await signIn(caller, offer, 'kitchen')
    },
  },
  userinfo: {
    title: 'userinfo',
    share: 1.5,
    async prepare(caller, offer) {
      const { tokens } = await signIn(caller, offer, 'lookup')
      const headers = { authorization: `Bearer ${tokens.access_token}` }
      return async () => {
        expectStatus(await caller.send('GET', '/me', headers), 200)
      }
    },
  },
  introspection: {
    title: 'introspection',
    share: 1.5,
    async prepare(caller, offer) {
      const { tokens } = await signIn(caller, offer, 'lookup')
      const headers = basic('lookup', offer.secrets.lookup)
      return async () => {
        const reply = await caller.send(
          'POST',
          '/token/introspection',
          headers,
          `token=${tokens.access_token}`,
        )
        if (!expectStatus(reply, 200).body.includes('"active":true')) throw new Error(reply.body)
      }
    },
  },
  discovery: {
    title: 'discovery',
    share: 1.5,
    prepare: async (caller) => async () => {
      expectStatus(await caller.send('GET', '/.well-known/openid-configuration'), 200)
    },
  },
} satisfies Record<string, Scenario>

export type ScenarioName = keyof typeof scenarios

async function authorizeAgain(
  caller: Caller,
  offer: Offer,
  jar: ReturnType<typeof createJar>,
): Promise<Tokens> {
  const { target, verifier } = authorization('kitchen')
  const reply = await caller.send('GET', target, { accept: 'text/html', ...jar.header(target) })
  jar.keep(reply)
  const code = codeIn(onwards(reply))
  if (code === undefined) throw new Error('the session was not enough')
  return exchange(caller, offer, 'kitchen', code, verifier)
}
