import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { tokenCollection } from '../../src/oidc/token-document.ts'
import { engines } from '../support/engines.ts'
import { CALLBACK } from '../support/restaurant.ts'
import { type Answer, basic, CHALLENGE, DEVICE, type House, openHouse, race, send } from './house.ts'

const MINUTES = 60_000

for (const engine of engines()) {
  describe(`SB-5 what strangers leave in the store (${engine.name})`, function () {
    this.timeout(120_000)
    let house: House
    let ahead = 0

    before(async () => {
      house = await openHouse(engine, {
        env: { TRUSTED_PROXIES: '127.0.0.0/8' },
        now: () => new Date(Date.now() + ahead),
        realHashes: false,
      })
      const redirectUris = [CALLBACK]
      await house.applications.put({ _id: 'menu', name: 'Menu', kind: 'spa', redirectUris }, 'test')
      const grants = ['authorization_code', DEVICE]
      await house.applications.put({ _id: 'kiosk', name: 'Kiosk', redirectUris, grants }, 'test')
    })
    after(() => house?.stop())

    const from = (ip: string) => ({ 'x-forwarded-for': ip, 'x-forwarded-proto': 'http' })

    const push = (client_id: string, headers: Record<string, string>): Promise<Answer> =>
      send(house, '/request', {
        form: {
          client_id,
          response_type: 'code',
          scope: 'openid',
          redirect_uri: CALLBACK,
          code_challenge: CHALLENGE,
          code_challenge_method: 'S256',
        },
        headers,
      })

    const beginDevice = (client_id: string, headers: Record<string, string>): Promise<Answer> =>
      send(house, '/device/auth', { form: { client_id, scope: 'openid' }, headers })

    const stored = async (kind: string): Promise<number> =>
      (await house.store.collection(tokenCollection).find({ kind }, { limit: 1_000 })).length

    /** In the protocol's own words, and when to come again. */
    function expectRefusal(answer: Answer): void {
      expect(answer.status).to.equal(429)
      expect(answer.headers['content-type']).to.include('application/json')
      expect(answer.json).to.have.property('error', 'slow_down')
      expect(answer.json.error_description).to.match(/^too many /)
      expect(Number(answer.headers['retry-after'])).to.be.within(1, 900)
    }

    const byStatus = (answers: Answer[], status: number) =>
      answers.filter((answer) => answer.status === status)

    it('is 300 pushed requests of an address in 15 minutes, whatever comes with them', async () => {
      const flood = from('203.0.113.1')
      const answers = await race(310, () => push('menu', flood))
      expect(byStatus(answers, 201)).to.have.length(300)
      expect(byStatus(answers, 429)).to.have.length(10)
      answers.slice(-1).forEach(expectRefusal)
      expect(await stored('PushedAuthorizationRequest')).to.equal(300)

      const { privateKey, publicKey } = await generateKeyPair('ES256')
      const dpop = await new SignJWT({ jti: randomUUID(), htm: 'POST', htu: `${house.url}/request` })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
        .setIssuedAt()
        .sign(privateKey)
      expectRefusal(await push('menu', { ...flood, dpop }))
      expect(await stored('ReplayDetection')).to.equal(0)
      // Once, though two things are stored.
      expect((await push('menu', { ...from('203.0.113.2'), dpop })).status).to.equal(201)

      // Who authenticates is not limited, nor is another address, nor the same one later.
      const secret = await house.applications.newSecret('kiosk', 'test')
      const kiosk = { ...flood, ...basic('kiosk', secret) }
      expect((await push('kiosk', kiosk)).status).to.equal(201)
      expect((await push('kiosk', { ...flood, ...basic('kiosk', 'guessed') })).status).to.equal(401)
      ahead += 16 * MINUTES
      expect((await push('menu', flood)).status).to.equal(201)
      expect(house.lines.join()).not.to.include('the protocol failed')
    })

    it('is 60 device codes of an address in 15 minutes, and an IPv6 network is one address', async () => {
      const answers = await race(64, (at) => beginDevice('tv', from(`2001:db8:1:2::${at + 1}`)))
      expect(byStatus(answers, 200)).to.have.length(60)
      byStatus(answers, 429).forEach(expectRefusal)
      expect(await stored('DeviceCode')).to.equal(60)
      expect((await beginDevice('tv', from('2001:db8:1:3::1'))).status).to.equal(200)

      const secret = await house.applications.newSecret('kiosk', 'test')
      const kiosk = { ...from('2001:db8:1:2::1'), ...basic('kiosk', secret) }
      const authenticated = await race(64, () => beginDevice('kiosk', kiosk))
      expect(byStatus(authenticated, 200)).to.have.length(64)

      // A person who sees the answer in a browser gets a page.
      const page = await beginDevice('tv', { ...from('2001:db8:1:2::1'), accept: 'text/html' })
      expect(page.status).to.equal(429)
      expect(page.text).to.include('<html')
      expect(Number(page.headers['retry-after'])).to.be.within(1, 900)
    })
  })
}
