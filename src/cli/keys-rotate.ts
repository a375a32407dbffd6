/** `maitred keys rotate`: the published next keys begin to sign; running servers follow by themselves. */
import { withApp } from './open-app.ts'
import type { Terminal } from './terminal.ts'

export function keysRotate(terminal: Terminal): Promise<number> {
  return withApp(terminal, async ({ keys }) => {
    await keys.rotate()
    const ids = keys.jwks().keys.map(({ kid, alg }) => `${alg} ${kid}`)
    terminal.out(`The signing keys are rotated. Published now: ${ids.join(', ')}`)
    return 0
  })
}
