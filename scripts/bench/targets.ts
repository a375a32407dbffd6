/** What must be reached, and whether it was: CPU of server plus database for an operation, against a measure. */
import type { Limits } from './limits.ts'
import type { ScenarioName } from './scenarios.ts'
import type { Kind } from './subject.ts'

/** CPU milliseconds for an operation, server plus database. */
export type Costs = Partial<Record<Kind, number>>

interface Target {
  scenario: ScenarioName
  kind: 'sqlite' | 'mongodb' | 'hashless'
  most: number
  against: string
  ratio(costs: Costs, limits: Limits): number
}

const NOTHING = Number.NaN
const toBare =
  (kind: Target['kind']) =>
  (costs: Costs): number =>
    (costs[kind] ?? NOTHING) / (costs.bare ?? NOTHING)
const toBareAndVerification = (costs: Costs, { verify }: Limits): number =>
  (costs.sqlite ?? NOTHING) / ((costs.bare ?? NOTHING) + verify / 1_000)
const toPlain = ({ mongodb = NOTHING, plain = NOTHING }: Costs): number => mongodb / plain
const toHash =
  (kind: Target['kind']) =>
  (costs: Costs, { hash }: Limits): number =>
    (costs[kind] ?? NOTHING) / (hash / 1_000)

const targets: readonly Target[] = [
  { scenario: 'client-credentials', kind: 'sqlite', most: 1.15, against: 'bare', ratio: toBare('sqlite') },
  { scenario: 'client-credentials', kind: 'mongodb', most: 1.2, against: 'bare', ratio: toBare('mongodb') },
  { scenario: 'refresh', kind: 'sqlite', most: 1.5, against: 'bare', ratio: toBare('sqlite') },
  { scenario: 'refresh', kind: 'mongodb', most: 0.75, against: 'plain', ratio: toPlain },
  { scenario: 'code-flow', kind: 'sqlite', most: 1.5, against: 'bare', ratio: toBare('sqlite') },
  { scenario: 'code-flow', kind: 'mongodb', most: 0.75, against: 'plain', ratio: toPlain },
  { scenario: 'sign-in', kind: 'sqlite', most: 1.6, against: 'the hash alone', ratio: toHash('sqlite') },
  { scenario: 'sign-in', kind: 'mongodb', most: 2.2, against: 'the hash alone', ratio: toHash('mongodb') },
  {
    scenario: 'sign-in',
    kind: 'hashless',
    most: 0.75,
    against: 'plain, which hashes nothing either',
    ratio: ({ hashless = NOTHING, plain = NOTHING }) => hashless / plain,
  },
  ...(['userinfo', 'introspection'] as const).flatMap((scenario): Target[] => [
    { scenario, kind: 'sqlite', most: 1.3, against: 'bare and a verification', ratio: toBareAndVerification },
    { scenario, kind: 'mongodb', most: 0.4, against: 'plain', ratio: toPlain },
  ]),
]

export interface Verdict {
  kind: Target['kind']
  most: number
  against: string
  /** Not a number when one of the two was not measured. */
  ratio: number
}

/** `rounds`: the costs of each round with the limits measured in it. The ratio is the median of the rounds'. */
export function judge(
  scenario: ScenarioName,
  rounds: readonly { costs: Costs; limits: Limits }[],
  median: (values: readonly number[]) => number,
): Verdict[] {
  return targets
    .filter((target) => target.scenario === scenario)
    .map(({ kind, most, against, ratio }) => ({
      kind,
      most,
      against,
      ratio: median(rounds.map(({ costs, limits }) => ratio(costs, limits))),
    }))
    .filter(({ ratio }) => Number.isFinite(ratio))
}
