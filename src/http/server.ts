/**
 * The listening server: plain or TLS, its time-outs, and how it ends without dropping a request. On a TLS
 * port plain HTTP is understood as well, so that it can be answered with the way to HTTPS.
 */
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { paced } from './paced.ts'

export interface Listening {
  readonly server: Server | HttpsServer
  /** Where it really listens, which is not the issuer when the port was 0 or a proxy stands before it. */
  readonly url: string
  /** Puts a renewed certificate in place for new connections. */
  renewCertificate(tls: Tls): void
  /** Ends it once all accepted requests are answered, after ten seconds in any case. */
  close(patience?: Patience): Promise<void>
}

/** PEM texts. */
interface Tls {
  cert: string
  key: string
}

/** In milliseconds: a kept connection must not be closed while a request is on its way to it. */
export interface Patience {
  /** How long the port stays open at most after readiness went red. */
  notice: number
  /** How long without a request is enough. */
  silence: number
}

const headersTimeout = 20_000
const limits = {
  headersTimeout,
  requestTimeout: 60_000,
  // Longer than the idle limit of usual proxies, so that they close first and never send into a closed connection.
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
}
const usualPatience: Patience = { notice: 1_000, silence: 100 }
/** After this nothing is waited for. */
const deadline = 10_000

export async function listen(o: {
  handler: RequestListener
  host: string
  port: number
  tls: Tls | undefined
  /** The responses that are not ended yet. */
  answering: ReadonlySet<ServerResponse>
  /** Told when draining begins; from then on the handler answers `Connection: close`. */
  onDrain: () => void
}): Promise<Listening> {
  const { answering } = o
  let lastRequest = 0
  const handler = paced((req, res) => {
    lastRequest = performance.now()
    o.handler(req, res)
  })
  const secure = o.tls && (await createHttpsServer(o.tls, handler))
  const server = secure ?? createHttpServer(limits, handler)
  const plain = secure && understandPlainHttp(secure, handler)

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(o.port, o.host, resolve)
  })
  const { address, family, port } = server.address() as AddressInfo
  const host = family === 'IPv6' ? `[${address}]` : address

  let closing: Promise<void> | undefined
  async function close({ notice, silence }: Patience): Promise<void> {
    const begun = performance.now()
    const isQuiet = () => answering.size === 0 && performance.now() - Math.max(lastRequest, begun) > silence
    o.onDrain()
    for (const res of answering) res.shouldKeepAlive = false
    // What is on its way on a kept connection still arrives, and balancers see that we leave.
    while (!isQuiet() && performance.now() - begun < notice) await wait(25)
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    while (answering.size > 0 && performance.now() - begun < deadline) {
      await wait(25)
      server.closeIdleConnections()
    }
    plain?.closeAll()
    server.closeAllConnections()
    await closed
  }

  return {
    server,
    url: `${secure ? 'https' : 'http'}://${host}:${port}`,
    renewCertificate: (tls) => secure?.setSecureContext(tls),
    close: (patience = usualPatience) => {
      closing ??= close(patience)
      return closing
    },
  }
}

async function createHttpsServer(tls: Tls, handler: RequestListener): Promise<HttpsServer> {
  const { createServer } = await import('node:https')
  return createServer({ ...limits, ...tls, handshakeTimeout: headersTimeout }, handler)
}

/** The first byte of a TLS record that opens a connection (RFC 8446, 5.1). */
const handshake = 22

/** Looks at a connection's first byte and hands it to TLS or to a plain server behind the same port. */
function understandPlainHttp(secure: HttpsServer, handler: RequestListener): { closeAll(): void } {
  const plainServer = createHttpServer(limits, (req, res) => {
    res.shouldKeepAlive = false
    return handler(req, res)
  })
  const startTls = secure.listeners('connection') as ((socket: Socket) => void)[]
  const others = new Set<Socket>()

  secure.removeAllListeners('connection')
  secure.on('connection', (socket: Socket) => {
    others.add(socket)
    // Plain ones are for one redirect, so that this bounds all of such a connection.
    const lifetime = setTimeout(() => socket.destroy(), headersTimeout)
    const forget = () => {
      others.delete(socket)
      clearTimeout(lifetime)
    }
    // A connection that breaks before it said anything is nobody's error.
    const ignore = () => {}
    socket.once('close', forget).on('error', ignore)
    socket.once('readable', () => {
      const first: Buffer | null = socket.read(1)
      if (first === null) return
      socket.off('error', ignore)
      socket.unshift(first)
      if (first[0] !== handshake) {
        plainServer.emit('connection', socket)
        return
      }
      socket.off('close', forget)
      forget()
      for (const start of startTls) start.call(secure, socket)
    })
  })
  return {
    closeAll() {
      for (const socket of others) socket.destroy()
    },
  }
}
