/**
 * What the pages must know of one kind of record (customers, staff, transactions) to list, show, make, change and
 * delete it. What a form holds is a `URLSearchParams` from beginning to end: as it was typed, so that it can be
 * shown again whatever becomes of it.
 */
import type { Reader } from '../../web/api-client.ts'
import type { Wrongs } from '../../web/field.ts'
import type { Html } from '../../web/html.ts'
import type { Column } from './listing.ts'
import type { OfficeVisit } from './office-visit.ts'
import type { Together } from './stale-edit.ts'

export interface Fact {
  label: string
  text: Html | string
}

export interface RecordKind<T extends { id: string }> {
  /** Of the pages and of the API: '/customers'. */
  path: string
  /** "customer" */
  one: string
  /** "Customers" */
  many: string
  read: string
  update: string
  reader: Reader<T>
  /** What one record is called. */
  name(record: T, visit: OfficeVisit): string
  /** The page that it is listed on; default: `path`. */
  home?(record: T): string
  /** The record as its form has it. */
  typed(record: T, visit: OfficeVisit): URLSearchParams
  /** A form as it begins for a new record; default: empty. */
  begin?(visit: OfficeVisit): URLSearchParams
  /** What a form says, to be read. */
  facts(visit: OfficeVisit, typed: URLSearchParams): Promise<readonly Fact[]>
  /** What the fields are called, for what is wrong with them. */
  labels: ReadonlyMap<string, string>
  /** What to say of a field in place of the API's words, which are for programs: 'lines.quantity' of any line. */
  words?: ReadonlyMap<string, string>
  /** Fields that mean something only together. */
  together?: Together
  fields(visit: OfficeVisit, typed: URLSearchParams, wrongs: Wrongs): Promise<Html>
  /** What goes to the API. `change`: what is empty is to be taken away. */
  body(visit: OfficeVisit, typed: URLSearchParams, change: boolean): Record<string, unknown>
  /** Under the facts of one record. */
  more?(visit: OfficeVisit, record: T): Promise<Html>
  /** What deleting one means. */
  farewell: string
}

/** A kind that has a list to search through. */
export interface ListedKind<T extends { id: string }> extends RecordKind<T> {
  list: Reader<{ items: T[]; next?: string | undefined }>
  /** Above the list: what it is for. */
  purpose: string
  /** The columns for just these records; the first is the name, the pages link it. */
  columns(visit: OfficeVisit, items: readonly T[]): Promise<readonly Column<T>[]>
  /** Fields of the search, with what the address has in them. */
  filters(visit: OfficeVisit, typed: URLSearchParams): Promise<Html>
  /** Parameters of the API that the search may set. */
  searches: readonly string[]
}
