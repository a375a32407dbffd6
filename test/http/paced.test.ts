import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { paced } from '../../src/http/paced.ts'

const arrival = (url: string) => [{ url } as IncomingMessage, {} as ServerResponse] as const

describe('requests that come all at once', () => {
  it('begin a few in each turn of the loop, in their order, and all of them', async () => {
    const begun: string[] = []
    const handler = paced(({ url }) => {
      begun.push(String(url))
    })
    const urls = Array.from({ length: 30 }, (_, index) => `/${index}`)
    for (const url of urls) handler(...arrival(url))
    expect(begun).to.deep.equal(urls.slice(0, 8))
    await turn()
    handler(...arrival('/late'))
    expect(begun).to.deep.equal(urls.slice(0, 16))
    for (let turns = 0; turns < 10; turns += 1) await turn()
    expect(begun).to.deep.equal([...urls, '/late'])
  })

  it('are not held up when they come one by one', async () => {
    const begun: string[] = []
    const handler = paced(({ url }) => {
      begun.push(String(url))
    })
    for (const url of ['/a', '/b', '/c', '/d', '/e', '/f']) {
      handler(...arrival(url))
      expect(begun.at(-1)).to.equal(url)
      await turn()
      await turn()
    }
  })
})
