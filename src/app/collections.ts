/** What is kept in the store, by the rooms that keep it. */
import { collections as accounts } from '../accounts/accounts.ts'
import { collections as admin } from '../admin/admin.ts'
import { collections as applications } from '../applications/applications.ts'
import { collections as events } from '../events/events.ts'
import { collections as http } from '../http/http.ts'
import { collections as keys } from '../keys/keys.ts'
import { collections as mail } from '../mail/mail.ts'
import { collections as oidc } from '../oidc/oidc.ts'
import { collections as orgs } from '../orgs/orgs.ts'
import type { AnyCollectionSpec } from '../storage/storage.ts'

/** Each once: the protocol names the sessions as well, because it alone writes them. */
export const collections: readonly AnyCollectionSpec[] = [
  ...new Set([
    ...http,
    ...keys,
    ...mail,
    ...events,
    ...accounts,
    ...orgs,
    ...applications,
    ...oidc,
    ...admin,
  ]),
]
