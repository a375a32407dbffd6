import { expect } from 'chai'
import * as client from 'openid-client'
import { authUrl, DEVICE, type House, newestMail, openHouse } from '../attacks/house.ts'
import { engines } from '../support/engines.ts'
import { CALLBACK, PASSWORD, relyingParty } from '../support/restaurant.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

const MADE = 'Table Planner was made by Cucina Software, Naples.'
const VON = 'Table Planner stammt von Cucina Software, Naples.'

for (const engine of engines()) {
  describe(`DC-2 an application of somebody else is not presented as the house’s (${engine.name})`, () => {
    let app: House

    before(async () => {
      app = await openHouse(engine, { realHashes: false, config: { name: 'Bella Napoli' } })
      const planner = {
        name: 'Table Planner',
        maker: 'Cucina Software, Naples',
        redirectUris: [CALLBACK],
        authMethod: 'none' as const,
        signUp: 'open' as const,
      }
      await app.applications.put({ _id: 'planner', ...planner }, 'test')
      const device = { ...planner, kind: 'native' as const, grants: [DEVICE] }
      await app.applications.put({ _id: 'screen', ...device }, 'test')
    })
    after(() => app?.stop())

    const door = async (query: object, language = 'en') => {
      const visitor = createVisitor(app.url, { 'accept-language': language })
      const page = await visitor.get(authUrl(app, { client_id: 'planner', ...query }))
      return { visitor, page, text: textOf(page.html) }
    }

    it('at the sign-in', async () => {
      const english = await door({})
      expect(english.text).to.include(`Sign in with Bella Napoli to go on to Table Planner ${MADE}`)
      expect(english.text).not.to.match(/Bella Napoli – Table Planner|Sign in to/)
      const german = await door({}, 'de')
      expect(german.text).to.include(`Mit Bella Napoli anmelden und weiter zu Table Planner ${VON}`)
      expect(german.text).not.to.match(/Bella Napoli – Table Planner|Anmelden bei/)
    })

    it('at the sign-up, whose account is the house’s', async () => {
      const { visitor, page, text } = await door({ prompt: 'create' })
      expect(text).to.include(`Create an account with Bella Napoli to go on to Table Planner ${MADE}`)
      const german = await door({ prompt: 'create' }, 'de')
      expect(german.text).to.include(`Konto bei Bella Napoli anlegen und weiter zu Table Planner ${VON}`)
      await visitor.submit(page, { email: 'mia@example.com', password: PASSWORD }, 'sign-up')
      const mail = await newestMail(app, 'mia@example.com')
      expect(mail).to.include('signing up for Bella Napoli').and.not.include('Table Planner')
      const link = /https?:\/\/\S+\/verify-email\S+/.exec(mail)?.[0]
      const confirm = textOf((await visitor.get(String(link))).html)
      expect(confirm).to.include('your account for Bella Napoli is ready').and.not.include('– Table Planner')
    })

    it('at a device', async () => {
      const screen = await relyingParty(app, 'screen')
      for (const [language, ...words] of [
        ['en', 'It will be signed in to Table Planner with your Bella Napoli account.', MADE],
        ['de', 'Table Planner wird dort mit Ihrem Konto bei Bella Napoli angemeldet.', VON],
      ] as const) {
        const device = await client.initiateDeviceAuthorization(screen, { scope: 'openid' })
        const visitor = createVisitor(app.url, { 'accept-language': language })
        const entered = await visitor.submit(await visitor.get(device.verification_uri), {
          user_code: device.user_code,
        })
        const text = textOf(entered.html)
        for (const word of words) expect(text).to.include(word)
        expect(text).not.to.include('Bella Napoli – Table Planner')
      }
    })

    it('and one of the house’s is', async () => {
      expect((await door({ client_id: 'kitchen' })).text).to.include(
        'Sign in to Bella Napoli – Kitchen display',
      )
      const german = await door({ client_id: 'kitchen' }, 'de')
      expect(german.text).to.include('Anmelden bei Bella Napoli – Kitchen display')
    })

    it('whose short names stay whole in a long one (GW-10)', async () => {
      await app.applications.change(
        'kitchen',
        (before) => ({ ...before, _id: 'kitchen', name: 'Bella Napoli – Front of house' }),
        'test',
      )
      const { page } = await door({ client_id: 'kitchen' })
      expect(page.html).to.include('Sign in to Bella\u00a0Napoli\u00a0– Front\u00a0of\u00a0house')
    })
  })
}
