/** An application as pages and letters name it, with the way back to it. */
import type { Application } from './application.ts'

export interface AppLink {
  name: string
  /** Where a sign-in begins anew, else its home page. */
  uri: string | undefined
  /** Somebody else's: no page presents it as a part of the house. */
  foreign: boolean
  maker: string | undefined
}

export function appLink({ name, initiateLoginUri, uri, firstParty, maker }: Application): AppLink {
  return { name, uri: initiateLoginUri ?? uri, foreign: !firstParty, maker }
}
