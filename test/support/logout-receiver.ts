/** An application's back-channel logout endpoint (OpenID Connect Back-Channel Logout 1.0 §2.5). */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { decodeJwt, type JWTPayload } from 'jose'

export interface LogoutReceiver {
  url: string
  bodies: string[]
  types: string[]
  /** What it answers. */
  status: number
  /** The claims of what came, unverified. */
  told(): JWTPayload[]
  close(): void
}

export async function openLogoutReceiver(): Promise<LogoutReceiver> {
  const server = createServer(async (req, res) => {
    receiver.bodies.push(await text(req))
    receiver.types.push(String(req.headers['content-type']))
    res.writeHead(receiver.status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: LogoutReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/logout`,
    bodies: [],
    types: [],
    status: 200,
    told: () => receiver.bodies.map((body) => decodeJwt(new URLSearchParams(body).get('logout_token') ?? '')),
    close: () => void server.close(),
  }
  return receiver
}
