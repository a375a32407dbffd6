import type { MaitredError } from '../errors.ts'
import type { TextKey } from '../locale/locale.ts'

/** Nobody waits longer than this, in seconds: they are told what else helps. */
const PATIENCE = 3_600

/** What an error says to people. */
export function sentenceOf({ code, retryAfter = 0 }: MaitredError): TextKey {
  const isLong = code === 'too_many_requests' && retryAfter > PATIENCE
  return isLong ? 'error.too_many_requests.long' : `error.${code}.text`
}
