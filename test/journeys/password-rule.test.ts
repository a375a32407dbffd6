import { expect } from 'chai'
import { authUrl, type House, openHouse, resetLink } from '../attacks/house.ts'
import { engines } from '../support/engines.ts'
import { signInToAccount } from '../support/resident.ts'
import { CALLBACK, PASSWORD } from '../support/restaurant.ts'
import { createVisitor, type Page, textOf } from '../support/visitor.ts'

/** Of 8, 14 and 15 characters; nobody tries them first, and none has a digit, a sign or a capital. */
const [EIGHT, FOURTEEN, FIFTEEN] = ['ofkwzuhe', 'ofkwzuheqiatnb', 'ofkwzuheqiatnbd']

const spa = { kind: 'spa', firstParty: true, signUp: 'open' } as const

for (const engine of engines()) {
  describe(`SB-5 DC-7 one password rule at every page (${engine.name})`, () => {
    let house: House

    before(async () => {
      house = await openHouse(engine, { realHashes: false })
      await house.roles.put({ _id: 'owner', title: 'Owner', permissions: [], mfa: true })
      const about = { ...spa, redirectUris: [CALLBACK] }
      await house.applications.put(
        { _id: 'office', name: 'Office', signUpRoles: ['owner'], ...about },
        'test',
      )
      await house.applications.put({ _id: 'vault', name: 'Vault', mfa: true, ...about }, 'test')
      for (const [email, roles] of [
        ['wanda@example.com', ['waiter']],
        ['olga@example.com', ['owner']],
      ] as const)
        await house.accounts.create({
          email,
          emailVerified: true,
          password: PASSWORD,
          roles: house.roles.copy(roles),
        })
    })
    after(() => house?.stop())

    const told = ({ status, html }: Page): [number, string] => [
      status,
      /(?:too close to your name|Use at least \d+ characters|Check your email|new password is set)/.exec(
        textOf(html.replace(/data-\w+="[^"]*"/g, '')),
      )?.[0] ?? textOf(html),
    ]
    const TOO_SHORT = [422, 'Use at least 15 characters']
    const TOO_SHORT_WITH_FACTOR = [422, 'Use at least 8 characters']
    const TOO_CLOSE = [422, 'too close to your name']

    async function signUp(client_id: string, password: string, more: Record<string, string> = {}) {
      const visitor = createVisitor(house.url)
      const page = await visitor.get(authUrl(house, { client_id, prompt: 'create' }))
      const fields = { email: 'nora@example.com', password, ...more }
      return told(await visitor.submit(page, fields, 'sign-up'))
    }

    it('wants 15 characters of whoever signs up, of whatever kind', async () => {
      expect(await signUp('kitchen', FOURTEEN)).to.deep.equal(TOO_SHORT)
      expect(await signUp('kitchen', FIFTEEN)).to.deep.equal([200, 'Check your email'])
    })

    it('wants 8 where the role of the new account makes a second factor mandatory', async () => {
      expect(await signUp('office', EIGHT.slice(1))).to.deep.equal(TOO_SHORT_WITH_FACTOR)
      expect(await signUp('office', EIGHT)).to.deep.equal([200, 'Check your email'])
    })

    it('wants 15 where only the application asks for one: other doors take the password alone', async () => {
      expect(await signUp('vault', FOURTEEN)).to.deep.equal(TOO_SHORT)
    })

    it('refuses what an attacker knows: the address, the names that were just typed, the application', async () => {
      const given = { firstName: 'Ottilie', lastName: 'Quarenghi' }
      for (const password of [
        'nora.nora.nora.nora',
        'OttilieQuarenghi1',
        'ottilie-ottilie-7',
        'Kitchen display 1!',
      ])
        expect(await signUp('kitchen', password, given), password).to.deep.equal(TOO_CLOSE)
    })

    it('is the same behind a mailed link', async () => {
      const [wanda, olga] = [
        await resetLink(house, 'wanda@example.com'),
        await resetLink(house, 'olga@example.com'),
      ]
      const set = async (link: string, password: string) => {
        const visitor = createVisitor(house.url)
        return told(await visitor.submit(await visitor.get(link), { password }))
      }
      expect(await set(wanda, FOURTEEN)).to.deep.equal(TOO_SHORT)
      expect(await set(wanda, 'wanda-wanda-wanda')).to.deep.equal(TOO_CLOSE)
      expect(await set(olga, EIGHT.slice(1))).to.deep.equal(TOO_SHORT_WITH_FACTOR)
      expect((await set(olga, EIGHT))[0]).to.equal(200)
    })

    it('and on one’s own page', async () => {
      const ada = await signInToAccount(house)
      const change = async (password: string) =>
        told(
          await ada.fill('/account/password', '/account/password', { currentPassword: PASSWORD, password }),
        )
      expect(await change(FOURTEEN)).to.deep.equal(TOO_SHORT)
      expect(await change('ada.rossi.ada.rossi')).to.deep.equal(TOO_CLOSE)
      await house.accounts.change(house.cast.person.id, {}, { $set: { mfa: true } })
      // Who must have a second factor has to set it up before they see the page again.
      const half = await ada.get('/account/password')
      expect(half.html).to.include('enrolFactor')
    })
  })
}
