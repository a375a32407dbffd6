import type { Situation, Step } from './step.ts'

/** The names of the steps that the person has still to pass, in order. One gate asks this for all doors. */
export async function dueSteps(steps: readonly Step[], situation: Situation): Promise<string[]> {
  const due: string[] = []
  for (const step of steps) if (await step.due(situation)) due.push(step.name)
  return due
}
