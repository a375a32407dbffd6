/** What applying a state file would do, or did: as data and as text. */

export interface FieldChange {
  field: string
  /** Absent for a secret and for what was not there. */
  from?: unknown
  to?: unknown
  /** Its values are never told. */
  secret?: true
}

export interface PlanItem {
  kind: 'api' | 'role' | 'application' | 'person'
  id: string
  /** `leave`: a person who deleted their account is not made anew. */
  action: 'create' | 'change' | 'keep' | 'leave'
  changes: FieldChange[]
  /** What was changed since the file said otherwise, and stays: `from` is what it is now. */
  stays?: FieldChange[]
}

export interface Plan {
  items: PlanItem[]
  /** APIs, roles and applications that exist and are not in the file: they are left alone. */
  unnamed: { kind: 'api' | 'role' | 'application'; id: string }[]
}

/** One thing to bring about. `run` is absent when there is nothing to do. */
export interface Step {
  item: PlanItem
  run?: () => Promise<void>
}

/** The step that a comparison leads to. */
export function toStep(
  target: { kind: PlanItem['kind']; id: string; exists: boolean },
  changes: FieldChange[],
  run: () => Promise<void>,
): Step {
  const { kind, id, exists } = target
  if (exists && changes.length === 0) return { item: { kind, id, action: 'keep', changes } }
  return { item: { kind, id, action: exists ? 'change' : 'create', changes }, run }
}

const signs = { create: '+', change: '~', keep: '=', leave: '=' } as const
const words = {
  planned: { create: 'to create', change: 'to change' },
  applied: { create: 'created', change: 'changed' },
} as const

/** @param when in which words: what would be done, or what was done */
export function planText(plan: Plan, when: keyof typeof words = 'planned'): string {
  const { create, change } = words[when]
  const count = (action: PlanItem['action']) => plan.items.filter((item) => item.action === action).length
  const left = plan.unnamed.map(({ kind, id }) => `${kind} ${id}`)
  const gone = count('leave') === 0 ? '' : `, ${count('leave')} left out`
  return [
    ...plan.items.flatMap(itemLines),
    `${count('create')} ${create}, ${count('change')} ${change}, ${count('keep')} as described${gone}.`,
    'Nothing is removed: what the file does not name stays as it is.',
    ...(left.length > 0 ? [`Not in the file: ${left.join(', ')}.`] : []),
    '',
  ].join('\n')
}

function itemLines({ kind, id, action, changes, stays = [] }: PlanItem): string[] {
  const head = `${signs[action]} ${kind} ${id}`
  if (action === 'leave') {
    return [
      head,
      '    deleted their account and is not made anew; an entry with another id makes a new person',
    ]
  }
  if (action === 'keep' && stays.length === 0) return []
  const told = action === 'create' ? changes.filter(({ to, secret }) => secret || !isNothing(to)) : changes
  const lines = [
    ...told.map((change) => fieldText(change, action)),
    ...stays.map(({ field, from }) => `${field}: stays ${show(from)}, as it was changed since`),
  ]
  return [head, ...lines.map((line) => `    ${line}`)]
}

/** What a new object need not be told to lack. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === false || (Array.isArray(value) && value.length === 0)
}

function fieldText({ field, from, to, secret }: FieldChange, action: PlanItem['action']): string {
  if (secret) return `${field}: (secret)`
  return action === 'create' ? `${field}: ${show(to)}` : `${field}: ${show(from)} → ${show(to)}`
}

/** On one line; what cannot be seen on a terminal, or steers it, is escaped. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`)
}
