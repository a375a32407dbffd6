import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { type ArrivedMail, exampleMail, mailTransportContract } from 'maitred/plugins/contracts'
import { httpMail } from '../../examples/plugins/http-mail.ts'

/** An API that keeps the mails it takes, one for each key. */
async function openApi() {
  const taken = new Map<unknown, ArrivedMail>()
  const mood = { status: 200 }
  const server = createServer(async (request, response) => {
    const { to, headers, ...parts } = JSON.parse(await text(request))
    const names = new Map(new Headers(headers))
    const mail = { ...parts, to: [to], messageId: names.get('message-id'), headers: names }
    const status = request.headers.authorization === 'Bearer a-key' ? mood.status : 401
    if (status === 200) taken.set(request.headers['idempotency-key'], mail)
    response.writeHead(status).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    mood,
    transport: httpMail({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, key: 'a-key' }),
    arrived: async () => [...taken.values()],
    async fail() {
      mood.status = 503
    },
    async close() {
      server.close().closeAllConnections()
    },
  }
}

describe('DC-8 the mail transport that the README shows', () => {
  for (const { name, run } of mailTransportContract(openApi)) it(name, run)

  it('tells a mail that is not taken from an API that takes none', async () => {
    const { mood, transport, close } = await openApi()
    const faultAt = (status: number) => {
      mood.status = status
      return transport.send(exampleMail).catch(({ fault }: { fault: string }) => fault)
    }
    for (const status of [400, 409, 413, 422]) expect(await faultAt(status), `${status}`).to.equal('later')
    for (const status of [401, 403, 429, 500]) expect(await faultAt(status), `${status}`).to.equal('outage')
    await close()
  })
})
