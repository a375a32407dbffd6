/** `maitred plan FILE`: what `apply` would do. */
import { planText, readDocument } from '../admin/admin.ts'
import { withApp } from './open-app.ts'
import { readText } from './read-text.ts'
import type { Terminal } from './terminal.ts'

export async function plan(terminal: Terminal, file: string): Promise<number> {
  const document = readDocument(await readText(terminal, file))
  return withApp(terminal, async ({ desiredState }) => {
    terminal.out(planText(await desiredState.plan(document)).trimEnd())
    return 0
  })
}
