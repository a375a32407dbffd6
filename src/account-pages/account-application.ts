/** One's own pages as an application of the house: they sign in through the same gate as all others. */
import { type Application, completeApplication } from '../applications/applications.ts'
import type { Config } from '../config.ts'

export const applicationId = 'account'

/** Its code comes back here and is left to expire: the session is what counts, and it is the browser's. */
export const CALLBACK = '/account/callback'

export function accountApplication(
  { issuer, name, signUp }: Pick<Config, 'issuer' | 'name' | 'signUp'>,
  now: Date,
): Application {
  return completeApplication(
    {
      _id: applicationId,
      name,
      uri: `${issuer}/account`,
      firstParty: true,
      kind: 'spa',
      grants: ['authorization_code'],
      redirectUris: [issuer + CALLBACK],
      signUp,
    },
    'maitred',
    now,
  )
}
