/** Tables as CSV (RFC 4180) that a spreadsheet opens without running anything in them. */

/** A line of the table; numbers are ours, texts may be anybody's. */
export type CsvRow = readonly (string | number | undefined)[]

/** With the line's end. */
export function csvLine(row: CsvRow): string {
  return `${row.map(cell).join(',')}\r\n`
}

/** An amount in minor units of the currency, as people write it: 1250 of EUR is '12.50'. */
export function decimal(amount: number, currency: string): string {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
  return (amount / 10 ** (digits.maximumFractionDigits ?? 2)).toFixed(digits.maximumFractionDigits)
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = withoutFormulas(value)
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}

const FORMULA = String.raw`[\s\p{Cc}\p{Cf}"]*[=+\-@|%＝＋－＠]`
const AT_THE_BEGINNING = new RegExp(String.raw`^(?:${FORMULA}|[\t\r\n])`, 'u')
const IN_A_CELL_OF_ITS_OWN = new RegExp(String.raw`[;\t\r\n](?=${FORMULA})`, 'gu')

/**
 * A spreadsheet reads a cell that begins so as a formula, and a guest called `=HYPERLINK(…)` would send the
 * manager's table away (OWASP, CSV injection). Some trim the cell first, and some read the wide forms of East Asia.
 * Where the comma is for decimals they part cells at the semicolon instead, whatever is quoted: then a guest called
 * `x;=HYPERLINK(…)` has a cell to themselves.
 */
function withoutFormulas(text: string): string {
  const marked = text.replace(IN_A_CELL_OF_ITS_OWN, "$&'")
  return AT_THE_BEGINNING.test(text) ? `'${marked}` : marked
}
