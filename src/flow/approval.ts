/** A person who waits for an administrator's approval gets this page and nothing else. */
import type { Step } from './step.ts'

export function approval(): Step {
  const show: Step['show'] = (flow) => flow.page('flow/approval', {})
  return { name: 'approval', due: ({ person }) => person?.status === 'waiting', show, submit: show }
}
