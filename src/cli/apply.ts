/** `maitred apply FILE`: brings applications, roles and people to the state that the file describes. */
import { planText, readDocument } from '../admin/admin.ts'
import { withApp } from './open-app.ts'
import { readText } from './read-text.ts'
import type { Terminal } from './terminal.ts'

export async function apply(terminal: Terminal, file: string): Promise<number> {
  const document = readDocument(await readText(terminal, file))
  return withApp(terminal, async ({ desiredState }) => {
    terminal.out(planText(await desiredState.apply(document), 'applied').trimEnd())
    return 0
  })
}
