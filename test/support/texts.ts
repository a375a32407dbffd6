/** The keys of all texts. */
import { account } from '../../src/locale/en/account.ts'
import { common } from '../../src/locale/en/common.ts'
import { error } from '../../src/locale/en/error.ts'
import { flow } from '../../src/locale/en/flow.ts'
import { mail } from '../../src/locale/en/mail.ts'

export const texts: readonly string[] = [account, common, error, flow, mail].flatMap((area) =>
  Object.keys(area),
)
