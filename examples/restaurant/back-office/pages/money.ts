/** Amounts are whole minor units (cents) everywhere; only what a person reads has a point in it. */

/** "€1,234.50" */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en-GB', { style: 'currency', currency })
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
}

/** "€1.2k", "€152": for the edge of a drawing. */
export function shortMoney(amount: number, currency: string): string {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en-GB', {
    style: 'currency',
    currency,
  }).resolvedOptions()
  const units = amount / 10 ** maximumFractionDigits
  return new Intl.NumberFormat('en-GB', {
    style: 'currency',
    currency,
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: Math.abs(units) < 1000 ? 0 : 1,
  }).format(units)
}

/** "1,234" */
export const figure = (value: number) => new Intl.NumberFormat('en-GB').format(value)

/** "+12 %", "−4 %", or nothing when there is nothing to compare with. */
export function change(now: number, before: number): string | undefined {
  if (before === 0) return undefined
  const percent = Math.round((100 * (now - before)) / before)
  return `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent)} %`
}
