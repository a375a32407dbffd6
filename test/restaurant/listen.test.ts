import { expect } from 'chai'
import { listen } from '../../examples/restaurant/listen.ts'

describe('RF-7 a program of the restaurant', () => {
  it('answers whoever comes before it is ready, and tells them to come again', async () => {
    const place = await listen({ port: 0 })
    try {
      const early = await fetch(place.url)
      expect([early.status, early.headers.get('retry-after')]).to.deep.equal([503, '1'])
      place.serve((_, response) => response.end('ready'))
      expect(await (await fetch(place.url)).text()).to.equal('ready')
    } finally {
      await place.close()
    }
  })

  it('says so when its port is taken', async () => {
    const place = await listen({ port: 0 })
    try {
      const other = listen({ port: Number(new URL(place.url).port) })
      expect(await other.catch((error: NodeJS.ErrnoException) => error.code)).to.equal('EADDRINUSE')
    } finally {
      await place.close()
    }
  })
})
