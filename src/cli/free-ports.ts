/** Whether ports can be had, before work is done that would be for nothing without them. */
import { createServer } from 'node:net'

/** @throws what listening there would throw */
export async function requireFree(places: readonly { port: number; host?: string }[]): Promise<void> {
  for (const { port, host = '127.0.0.1' } of places) {
    const server = createServer().listen(port, host)
    await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
    await new Promise((resolve) => server.close(resolve))
  }
}
