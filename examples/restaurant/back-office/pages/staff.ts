/** The pages of the restaurant's staff. Who may only read them sees no button; the API decides by itself anyway. */

import { type Field, labelsOf } from '../../web/field.ts'
import { html } from '../../web/html.ts'
import { bodyOf, factsOf, NAME_FIELDS, nameSearch, PHONE_FIELD, personFieldsOf, typedOf } from './named.ts'
import type { ListedKind } from './record-kind.ts'
import { fullName, listOf, type StaffMember, staffMember } from './records.ts'

export const JOBS = [
  { value: 'waiter', label: 'Waiter' },
  { value: 'chef', label: 'Chef' },
  { value: 'manager', label: 'Manager' },
  { value: 'owner', label: 'Owner' },
]

export const jobTitle = (job: string) => JOBS.find(({ value }) => value === job)?.label ?? job

const ACTIVE: Field = {
  name: 'active',
  label: 'Works here',
  required: true,
  hint: 'Who left is kept for the books, but is not asked for shifts and may do nothing here.',
  choices: [
    { value: 'true', label: 'Yes' },
    { value: 'false', label: 'No, they left' },
  ],
}

const FIELDS: readonly Field[] = [
  ...NAME_FIELDS,
  {
    name: 'email',
    label: 'Email',
    type: 'email',
    required: true,
    maxLength: 254,
    autocomplete: 'off',
    hint: 'The one they sign in with: once they have proved that it is theirs, this place is theirs.',
  },
  PHONE_FIELD,
  { name: 'job', label: 'Job', required: true, choices: JOBS },
]

export const staff: ListedKind<StaffMember> = {
  path: '/staff',
  one: 'staff member',
  many: 'Staff',
  purpose: 'Who works here, and as what.',
  read: 'staff.read',
  update: 'staff.update',
  reader: staffMember,
  list: listOf(staffMember),
  searches: ['q'],
  name: fullName,
  columns: async () => [
    { title: 'Name', cell: fullName },
    {
      title: 'Job',
      short: true,
      cell: ({ job, active }) =>
        html`${jobTitle(job)}${active ? '' : html` <span class="state">left</span>`}`,
    },
    { title: 'Email', cell: ({ email }) => email },
    { title: 'Telephone', cell: ({ phone }) => phone ?? '', short: true },
  ],
  filters: nameSearch,
  begin: () => new URLSearchParams({ job: 'waiter', active: 'true' }),
  typed: (record) => typedOf([...FIELDS, ACTIVE], record),
  labels: labelsOf([...FIELDS, ACTIVE]),
  facts: async (_, typed) => factsOf([...FIELDS, ACTIVE], typed),
  fields: async (_, typed, wrongs) => personFieldsOf([...FIELDS, ACTIVE], typed, wrongs),
  body: (_, typed, change) => ({
    ...bodyOf(FIELDS, typed, change),
    active: typed.get('active') !== 'false',
  }),
  farewell:
    'Their place in the restaurant goes for good. Whoever still stands in transactions or shifts cannot be deleted: say that they left instead.',
}
