/**
 * A port, and who answers there. The port comes before the answers, because programs say by their address where the
 * provider is to send people back to; whoever asks in between is told to come again.
 */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ListeningPlace {
  /** Where people reach it: `http://localhost:3001`. */
  url: string
  /** From now on this one answers. */
  serve(answer: RequestListener): void
  /** Ends what is open, too. */
  close(): Promise<void>
}

interface Where {
  /** 0 takes any free one. */
  port: number
  /** Default: 127.0.0.1. */
  host?: string | undefined
}

/** @throws when the port is taken */
export async function listen({ port, host = '127.0.0.1' }: Where): Promise<ListeningPlace> {
  let answer: RequestListener = (_, response) => response.writeHead(503, { 'Retry-After': '1' }).end()
  const server = createServer((request, response) => answer(request, response)).listen(port, host)
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    serve(next) {
      answer = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
