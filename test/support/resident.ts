/** A person in a browser who is signed in to their own pages. */
import { sessionCollection } from '../../src/accounts/accounts.ts'
import type { RunningApp } from './app.ts'
import { PASSWORD } from './restaurant.ts'
import { createVisitor, formsIn, type Page, textOf, type Visitor } from './visitor.ts'

export interface Resident extends Visitor {
  app: RunningApp
  /** The page after a form of it was sent; `path` is the form's action. */
  fill(page: string, path: string, fields?: Record<string, string>): Promise<Page>
  /** What a forger would post, with this browser's cookies. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>
  /** The page's CSRF token. */
  token(page: string): Promise<string>
  /** Lets the sign-in grow old. */
  age(minutes: number): Promise<void>
}

export async function signInToAccount(
  app: RunningApp,
  o: { identifier?: string; password?: string; headers?: Record<string, string> } = {},
): Promise<Resident> {
  const visitor = createVisitor(app.url, o.headers)
  const { identifier = 'ada@example.com', password = PASSWORD } = o
  const door = await visitor.get('/account')
  const home = await visitor.submit(door, { identifier, password }, 'sign-in')
  if (home.url !== `${app.url}/account/profile`) {
    throw new Error(`the sign-in stopped at ${home.url}: ${textOf(home.html)}`)
  }
  return inhabit(app, visitor)
}

export function inhabit(app: RunningApp, visitor: Visitor): Resident {
  const token = async (page: string): Promise<string> =>
    formsIn((await visitor.get(page)).html)[0]?.hidden._csrf ?? ''
  return {
    ...visitor,
    app,
    token,
    async fill(page, path, fields) {
      return visitor.submit(await visitor.get(page), fields, path)
    },
    post: (path, fields, headers = {}) =>
      visitor.request(path, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { origin: app.url, 'sec-fetch-site': 'same-origin', ...headers },
      }),
    async age(minutes) {
      const sessions = app.store.collection(sessionCollection)
      for (const { _id, authTime } of await sessions.find({})) {
        if (!authTime) continue
        await sessions.update(
          { _id },
          { $set: { authTime: new Date(authTime.getTime() - minutes * 60_000) } },
        )
      }
    },
  }
}
