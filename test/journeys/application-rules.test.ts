import { expect } from 'chai'
import {
  ADA,
  authUrl,
  basic,
  CHALLENGE,
  codeOf,
  type House,
  openHouse,
  redeem,
  send,
  token,
} from '../attacks/house.ts'
import { engines } from '../support/engines.ts'
import { CALLBACK } from '../support/restaurant.ts'
import { createVisitor } from '../support/visitor.ts'

const WITHOUT = { code_challenge: undefined, code_challenge_method: undefined }

for (const engine of engines()) {
  describe(`DC-1 what an application has to do besides (${engine.name})`, () => {
    let house: House
    const about = { firstParty: true, redirectUris: [CALLBACK] }

    before(async () => {
      house = await openHouse(engine, { realHashes: false })
    })
    after(() => house?.stop())

    const errorOf = (leaves: string | undefined) => new URL(leaves ?? 'none:').searchParams.get('error')

    it('PKCE, but where a confidential one cannot and an operator says so', async () => {
      const kitchen = await createVisitor(house.url).get(authUrl(house, WITHOUT))
      expect(errorOf(kitchen.leaves)).to.equal('invalid_request')
      await house.applications.put({ _id: 'old', name: 'Old', pkce: false, ...about }, 'test')
      const secret = await house.applications.newSecret('old', 'test')
      const visitor = createVisitor(house.url)
      const page = await visitor.get(authUrl(house, { client_id: 'old', ...WITHOUT }))
      const { leaves } = await visitor.submit(page, ADA, 'sign-in')
      const code = new URL(String(leaves)).searchParams.get('code') ?? ''
      const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK }
      expect((await token(house, form, basic('old', secret))).status).to.equal(200)
    })

    it('PKCE always, where nothing else shows whose the code is', async () => {
      await house.applications.put({ _id: 'page', name: 'Page', kind: 'spa', pkce: false, ...about }, 'test')
      const refused = await createVisitor(house.url).get(authUrl(house, { client_id: 'page', ...WITHOUT }))
      expect(errorOf(refused.leaves)).to.equal('invalid_request')
    })

    it('pushed requests, where it is to push them', async () => {
      await house.applications.put({ _id: 'pusher', name: 'Pusher', requirePar: true, ...about }, 'test')
      const secret = await house.applications.newSecret('pusher', 'test')
      const plain = await createVisitor(house.url).get(authUrl(house, { client_id: 'pusher' }))
      expect(errorOf(plain.leaves)).to.equal('invalid_request')
      const form = {
        ...{ client_id: 'pusher', response_type: 'code', scope: 'openid', redirect_uri: CALLBACK },
        ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256' },
      }
      const pushed = await send(house, '/request', { form, headers: basic('pusher', secret) })
      const query = new URLSearchParams({ client_id: 'pusher', request_uri: String(pushed.json.request_uri) })
      const visitor = createVisitor(house.url)
      const page = await visitor.get(`${house.url}/auth?${query}`)
      expect((await visitor.submit(page, ADA, 'sign-in')).leaves).to.include('code=')
    })

    it('a proof of its key, where its tokens are to be bound to one', async () => {
      expect((await redeem(house, (await codeOf(house)).code)).status).to.equal(200)
      await house.applications.put({ ...(await kitchen()), dpop: true }, 'test')
      try {
        const { code } = await codeOf(house)
        const refused = await redeem(house, code)
        expect([refused.status, refused.json.error]).to.deep.equal([400, 'invalid_grant'])
      } finally {
        await house.applications.put({ ...(await kitchen()), dpop: false }, 'test')
      }
    })

    async function kitchen() {
      const application = await house.applications.get('kitchen')
      if (!application) throw new Error('no kitchen')
      return application
    }
  })
}
