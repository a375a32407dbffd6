/** What all reports have in common: which days they are about, and that they come as JSON or as CSV. */
import type { Store } from 'maitred/storage'
import { z } from 'zod'
import { addDays, dayOf, daysBetween } from '../../calendar.ts'
import { restaurants } from '../documents.ts'
import { type CsvRow, csvLine } from './csv.ts'
import { dayField } from './fields.ts'
import { fieldProblem } from './problem.ts'
import { found } from './resource.ts'
import type { Answer, StaffCall } from './route.ts'

const usualDays = 30
/** Nearly three years; also what is read of the summaries at once. */
const mostDays = 1000

export const reportFields = {
  from: dayField.optional().meta({ description: 'The first day. Default: 30 days in all.' }),
  to: dayField.optional().meta({ description: 'The last day. Default: today, where the restaurant is.' }),
  format: z.enum(['json', 'csv']).optional().meta({ description: 'Instead of the Accept header' }),
}

/** What a report is about, as it says itself. */
export const rangeFields = { from: z.string(), to: z.string(), currency: z.string() }

/** The route's declaration that it can do CSV too. */
export const alsoCsv = {
  headers: { Accept: '`text/csv` gives a table, with amounts in whole units' },
  alternatives: { 200: { summary: 'The report', type: 'text/csv' } },
}

export interface ReportRange {
  from: string
  to: string
  currency: string
  timeZone: string
}

interface Asked {
  from?: string | undefined
  to?: string | undefined
  format?: 'json' | 'csv' | undefined
}

/** @throws Problem 422 for days in the wrong order, or too many. */
export async function rangeOf(store: Store, now: Date, call: StaffCall<Asked>): Promise<ReportRange> {
  const { currency, timeZone } = found(await store.collection(restaurants).get(call.restaurant))
  const today = dayOf(now, timeZone)
  const { from: first, to: last } = call.query
  const to = last ?? (first === undefined || first <= today ? today : first)
  const from = first ?? addDays(to, 1 - usualDays)
  if (from > to) throw fieldProblem('from', 'is after the last day')
  if (daysBetween(from, to).length > mostDays)
    throw fieldProblem('from', `is more than ${mostDays} days before the last`)
  return { from, to, currency, timeZone }
}

/** `format` decides; without it, whatever of both the client likes better, and JSON when it does not mind. */
export function wantsCsv(call: StaffCall<Asked>): boolean {
  const { format } = call.query
  if (format) return format === 'csv'
  const accept = call.header('accept')
  return quality(accept, 'text/csv', 'text/*') > quality(accept, 'application/json', 'application/*', '*/*')
}

/** Spreadsheets take a file without the mark for one in the country's old encoding. */
const byteOrderMark = '\ufeff'

export function csvAnswer(name: string, range: ReportRange, rows: readonly CsvRow[]): Answer<never> {
  return csvFile(name, range, byteOrderMark + csvText(rows))
}

/** The same for a table that may be long: only the part that is on its way is in memory. */
export function longCsvAnswer(
  name: string,
  range: ReportRange,
  { head, parts }: { head: CsvRow; parts: AsyncIterable<readonly CsvRow[]> },
): Answer<never> {
  async function* text() {
    yield byteOrderMark + csvLine(head)
    for await (const rows of parts) yield csvText(rows)
  }
  return csvFile(name, range, text())
}

function csvFile(
  name: string,
  { from, to }: ReportRange,
  text: string | AsyncIterable<string>,
): Answer<never> {
  const file = `${name}-${from}-${to}.csv`
  return {
    headers: { 'Content-Disposition': `attachment; filename="${file}"`, Vary: 'Accept' },
    type: 'text/csv; charset=utf-8',
    text,
  }
}

function csvText(rows: readonly CsvRow[]): string {
  return rows.map(csvLine).join('')
}

export function jsonAnswer<T>(body: T): Answer<T> {
  return { headers: { Vary: 'Accept' }, body }
}

/** RFC 9110 §12.5.1: the most particular range that fits decides. */
function quality(accept: string, ...ranges: readonly string[]): number {
  const given = new Map(
    accept.split(',').map((part): [string, number] => {
      const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
      const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
      return [type, q === undefined ? 1 : Number(q) || 0]
    }),
  )
  const range = ranges.find((one) => given.has(one))
  return range === undefined ? 0 : (given.get(range) ?? 0)
}
