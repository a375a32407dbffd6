/** A device, as requests are described once and for all ("Chrome on Windows"), in the words of a reader. */
import type { Translate } from './locale.ts'

/** What is not of that form stays as it is; it may be empty. */
export function deviceText(t: Translate, device: string): string {
  const [browser, system, ...more] = device.split(' on ')
  if (!browser || !system || more.length > 0) return device
  return t('common.device', { browser, system })
}
