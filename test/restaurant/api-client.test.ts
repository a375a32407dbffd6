import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { z } from 'zod'
import { type ApiClient, ApiDown, createApiClient } from '../../examples/restaurant/web/api-client.ts'
import type { Session } from '../../examples/restaurant/web/sessions.ts'

const timeoutMs = 50

describe('SB-9 the web apps’ way to an API that takes its time', () => {
  let server: Server
  let api: ApiClient

  before(async () => {
    // It begins at once, and ends when the patience of whoever asked is over.
    server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write('"first ')
      setTimeout(() => response.end('last"'), 3 * timeoutMs)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const session = { tokens: { accessToken: 'token' } } as Session
    api = createApiClient({ apiUrl, session, renew: async () => false, timeoutMs })
  })
  after(() => server?.close())

  it('reads a download to its end, however long that takes', async () => {
    expect(await (await api.download('/file')).text()).to.equal('"first last"')
  })

  it('waits for nothing else so long', async () => {
    const error = await api.get('/thing', z.string()).catch((one: unknown) => one)
    expect(error).to.be.instanceOf(ApiDown)
  })
})
