import { expect } from 'chai'
import { generateSecret } from 'otplib'
import { readDocument } from '../../src/admin/admin.ts'
import { authUrl, type House, openHouse, resetLink, signUp } from '../attacks/house.ts'
import { engines } from '../support/engines.ts'
import { signInToAccount } from '../support/resident.ts'
import { PASSWORD } from '../support/restaurant.ts'
import { createVisitor } from '../support/visitor.ts'

for (const engine of engines().slice(0, 1)) {
  describe(`DC-2 what password managers and phones fill in by themselves (${engine.name})`, () => {
    let house: House

    before(async () => {
      house = await openHouse(engine, { realHashes: false })
      const otto = `{ email: otto@example.com, password: ${PASSWORD}, totp: ${generateSecret()} }`
      await house.desiredState.apply(readDocument(`people: [${otto}]`))
    })
    after(() => house?.stop())

    /** Name and hint of each field that is typed into, or that says whose password it is. */
    const fields = (html: string): string[] =>
      [...html.matchAll(/<input\b[^>]*>/g)].flatMap(([input]) => {
        const hint = /autocomplete="([^"]*)"/.exec(input)?.[1]
        const name = /\bname="([^"]*)"/.exec(input)?.[1] ?? `(${/value="([^"]*)"/.exec(input)?.[1]})`
        return hint ? [`${name}: ${hint}`] : []
      })

    it('the sign-in, and the code from a phone', async () => {
      const visitor = createVisitor(house.url)
      const door = await visitor.get(authUrl(house))
      expect(fields(door.html)).to.deep.equal(['identifier: username webauthn', 'password: current-password'])
      const asked = await visitor.submit(
        door,
        { identifier: 'otto@example.com', password: PASSWORD },
        'sign-in',
      )
      expect(fields(asked.html)).to.deep.equal(['code: one-time-code'])
    })

    it('the sign-up, and the code from the mail', async () => {
      const visitor = createVisitor(house.url)
      const form = await visitor.get(authUrl(house, { prompt: 'create' }))
      expect(fields(form.html)).to.include.members(['email: username', 'password: new-password'])
      const { page } = await signUp(house, 'nora@example.com', visitor)
      expect(fields(page.html)).to.deep.equal(['code: one-time-code'])
    })

    it('a new password, and whose it is', async () => {
      const link = await resetLink(house, 'ada@example.com')
      const page = await createVisitor(house.url).get(link)
      expect(fields(page.html)).to.deep.equal(['(ada@example.com): username', 'password: new-password'])
      const ada = await signInToAccount(house)
      expect(fields((await ada.get('/account/password')).html)).to.deep.equal([
        ...['(ada@example.com): username', 'currentPassword: current-password', 'password: new-password'],
      ])
    })
  })
}
