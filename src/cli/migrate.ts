/** `maitred migrate`: opening the store brings it up to date, so this only opens it and says so. */
import { withApp } from './open-app.ts'
import type { Terminal } from './terminal.ts'

export function migrate(terminal: Terminal): Promise<number> {
  return withApp(terminal, async ({ store }, { dataDir }) => {
    const place = store.engine === 'sqlite' ? `in ${dataDir}` : 'on MongoDB'
    terminal.out(`The data ${place} are in the form that this version needs.`)
    return 0
  })
}
