/** Amounts are whole minor units (cents) everywhere; only what a person reads has a point in it. */

interface Formats {
  /** How many minor units one has. */
  units: number
  full: Intl.NumberFormat
  /** Below and from a thousand. */
  small: Intl.NumberFormat
  large: Intl.NumberFormat
}

/** Made once for each currency: they cost a hundred times what it costs to use them. */
const known = new Map<string, Formats>()

function formatsOf(currency: string): Formats {
  const found = known.get(currency)
  if (found) return found
  const format = (more: Intl.NumberFormatOptions = {}) =>
    new Intl.NumberFormat('en-GB', { style: 'currency', currency, ...more })
  const short = { notation: 'compact', minimumFractionDigits: 0 } as const
  const full = format()
  const formats = {
    units: 10 ** (full.resolvedOptions().maximumFractionDigits ?? 2),
    full,
    small: format({ ...short, maximumFractionDigits: 0 }),
    large: format({ ...short, maximumFractionDigits: 1 }),
  }
  known.set(currency, formats)
  return formats
}

/** "€1,234.50" */
export function money(amount: number, currency: string): string {
  const { full, units } = formatsOf(currency)
  return full.format(amount / units)
}

/** "€1.2k", "€152": for the edge of a drawing. */
export function shortMoney(amount: number, currency: string): string {
  const { small, large, units } = formatsOf(currency)
  return (Math.abs(amount) < 1000 * units ? small : large).format(amount / units)
}

/** "12.50", as it is typed. */
export function toTyped(amount: number, currency: string): string {
  const { units } = formatsOf(currency)
  return (amount / units).toFixed(Math.log10(units))
}

/** What somebody typed, "12.50" or "12,5", in minor units; `undefined` when it is no amount. */
export function fromTyped(typed: string, currency: string): number | undefined {
  const { units } = formatsOf(currency)
  const [, whole = '', part = ''] = /^(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(typed.trim()) ?? []
  if (whole === '' || part.length > Math.log10(units)) return undefined
  // In whole numbers all the way: 1.1 is not a number that a computer knows.
  return Number(whole) * units + Number(part.padEnd(Math.log10(units), '0'))
}

const whole = new Intl.NumberFormat('en-GB')

/** "1,234" */
export const figure = (value: number) => whole.format(value)

/** "+12 %", "−4 %", or nothing when there is nothing to compare with. */
export function change(now: number, before: number): string | undefined {
  if (before === 0) return undefined
  const percent = Math.round((100 * (now - before)) / before)
  return `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent)} %`
}
