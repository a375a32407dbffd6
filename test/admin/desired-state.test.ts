import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { generateSync } from 'otplib'
import { DocumentError, forgetApplied, type Plan, planText } from '../../src/admin/admin.ts'
import { appliedCollection, entryCollection } from '../../src/admin/applied.ts'
import { sha256 } from '../../src/keys/keys.ts'
import { engines } from '../support/engines.ts'
import { type House, openHouse } from './house.ts'

const demo = readFileSync(new URL('../../config/demo.yaml', import.meta.url), 'utf8')
const actions = ({ items }: Plan) => new Set(items.map(({ action }) => action))
const changed = ({ items }: Plan) =>
  items.flatMap((item) => item.changes.map(({ field }) => `${item.id} ${field}`))

async function problemsOf(work: Promise<unknown>): Promise<string[]> {
  try {
    await work
  } catch (error) {
    if (error instanceof DocumentError) return error.problems.map((p) => `${p.line} ${p.path}: ${p.text}`)
    throw error
  }
  return []
}

for (const engine of engines()) {
  describe(`DC-11 the desired state on ${engine.name}`, () => {
    let house: House

    beforeEach(async () => {
      house = await openHouse(engine)
    })
    afterEach(() => house.close())

    const person = async (typed: string) => {
      const found = await house.accounts.findByIdentifier(typed)
      if (!found) throw new Error(`nobody is ${typed}`)
      return found
    }

    it('is planned without writing', async () => {
      expect(actions(await house.plan(demo))).to.deep.equal(new Set(['create']))
      expect(await house.applications.list()).to.deep.equal([])
      expect(house.roles.list()).to.deep.equal([])
      expect(await house.accounts.findByIdentifier('ada@bella-napoli.example')).to.equal(undefined)
    })

    it('is brought about, and the second time nothing is left to do', async () => {
      await house.apply(demo)
      const ada = await person('ada@bella-napoli.example')
      expect(ada).to.deep.include({ firstName: 'Ada', emailVerified: true, status: 'active' })
      expect(ada.roles.map(({ id, mfa }) => [id, mfa])).to.deep.equal([['owner', true]])
      expect(await house.accounts.checkPassword(ada, 'saffron umbrella at nine')).to.equal(true)
      const token = generateSync({ secret: 'KVKFCRCPNZQUYMLXOVYDSQKJKZDTSRLD' })
      expect(house.totp.verify(ada, token, new Date())).to.include({ accept: true })
      expect(await house.applications.get('front-of-house')).to.deep.include({
        firstParty: true,
        signUp: 'open',
        authMethod: 'client_secret_basic',
        secretHash: sha256('demo-only-front-of-house-3f9ab07c61d24e58'),
      })
      expect(await house.applications.get('night-report')).to.deep.include({ grants: ['client_credentials'] })
      expect(house.roles.get('waiter')?.permissions[0]?.names).to.include('orders.update')

      expect(actions(await house.plan(demo))).to.deep.equal(new Set(['keep']))
      expect(actions(await house.apply(demo))).to.deep.equal(new Set(['keep']))
      expect((await house.applications.get('front-of-house'))?.version).to.equal(1)
      expect(house.roles.get('owner')?.version).to.equal(1)
      expect((await person('ada@bella-napoli.example')).revision).to.equal(ada.revision)
    })

    it('leaves alone what the file does not name, and says so', async () => {
      await house.apply(demo)
      const plan = await house.apply('roles: { cook: { title: Cook } }')
      expect(plan.unnamed).to.deep.include({ kind: 'application', id: 'front-of-house' })
      expect(planText(plan)).to.include('+ role cook').and.include('Nothing is removed')
      expect(await house.applications.get('front-of-house')).to.include({ firstParty: true })
      expect(house.roles.list().map(({ _id }) => _id)).to.include.members(['cook', 'owner'])
    })

    it('changes what the file says anew, and nothing else', async () => {
      await house.apply(demo)
      const plan = await house.apply(
        demo
          .replace('title: Waiter', 'title: Server')
          .replace('uri: http://localhost:3002\n', 'uri: http://localhost:3009\n')
          .replace('lastName: Greco', 'lastName: Greco-Conti')
          .replace('roles: [waiter]', 'roles: [waiter, manager]'),
      )
      expect(changed(plan)).to.deep.equal([
        'waiter title',
        'kitchen-display uri',
        'carla@bella-napoli.example roles',
        'dario@guests.example lastName',
      ])
      const carla = await person('carla@bella-napoli.example')
      expect(carla.roles.map(({ id }) => id)).to.deep.equal(['waiter', 'manager'])
      await house.revocations.catchUp()
      expect(house.revocations.isRevoked({ sub: carla._id, rev: 0 })).to.equal(true)
      expect((await person('dario@guests.example')).lastName).to.equal('Greco-Conti')
      expect(house.ended).to.deep.equal([])
    })

    it('keeps what people changed themselves until the file asks for something new', async () => {
      await house.apply(demo)
      const ada = await person('ada@bella-napoli.example')
      await house.accounts.setPassword(ada, 'nobody else knows this one')
      await house.accounts.change(ada._id, {}, { $unset: { totp: true } })

      expect(actions(await house.apply(demo))).to.deep.equal(new Set(['keep']))
      const after = await person('ada@bella-napoli.example')
      expect(await house.accounts.checkPassword(after, 'nobody else knows this one')).to.equal(true)
      expect(after.totp).to.equal(undefined)

      const plan = await house.apply(demo.replace('saffron umbrella at nine', 'a lantern on the stairs'))
      expect(changed(plan)).to.deep.equal(['ada@bella-napoli.example password'])
      const renewed = await person('ada@bella-napoli.example')
      expect(await house.accounts.checkPassword(renewed, 'a lantern on the stairs')).to.equal(true)
      expect(house.ended).to.deep.equal([ada._id])
    })

    describe('about who changed how they are found', () => {
      const CARLA = 'carla@bella-napoli.example'
      const HOME = 'carla@home.example'

      it('finds them again, makes nobody else, and leaves them their address', async () => {
        await house.apply(demo)
        const carla = await person(CARLA)
        await house.accounts.changeEmail(carla, HOME)
        const plan = await house.plan(demo)
        expect(actions(plan)).to.deep.equal(new Set(['keep']))
        expect(planText(plan)).to.include(
          `= person ${CARLA}\n    email: stays "${HOME}", as it was changed since`,
        )
        await house.apply(demo)
        expect(await house.accounts.findByIdentifier(CARLA)).to.equal(undefined)
        expect((await person(HOME))._id).to.equal(carla._id)

        await house.apply(demo.replace('roles: [waiter]', 'roles: [waiter, chef]'))
        const changed = await person(HOME)
        expect(changed.roles.map(({ id }) => id)).to.deep.equal(['waiter', 'chef'])
        expect(changed.emailVerified).to.equal(true)
      })

      it('does not take for them who has their old user name by now', async () => {
        const file =
          'roles: { cook: { title: Cook } }\npeople: [{ username: gast, firstName: Guest, roles: [cook] }]'
        await house.apply(file)
        const guest = await person('gast')
        await house.accounts.changeIdentifiers(guest, { username: 'koch' })
        const thief = await house.accounts.create({
          username: 'gast',
          password: 'nobody else knows this one',
        })
        expect(changed(await house.apply(file))).to.deep.equal([])
        expect((await person('gast')).roles).to.deep.equal([])
        expect((await person('gast'))._id).to.equal(thief._id)
        expect((await person('koch'))._id).to.equal(guest._id)
      })

      it('leaves away what they took away, and moves them when the file says something new', async () => {
        await house.apply('people: [{ email: a@example.com, username: anna, phone: "+390815517123" }]')
        const anna = await person('anna')
        await house.accounts.changeIdentifiers(anna, { phone: null, username: 'annina' })
        const plan = await house.apply(
          'people: [{ email: a@example.com, username: anna, phone: "+390815517123", firstName: Anna }]',
        )
        expect(changed(plan)).to.deep.equal(['a@example.com firstName'])
        expect(planText(plan)).to.include('phone: stays nothing').and.include('username: stays "annina"')
        await house.apply('people: [{ email: a@example.com, username: ann }]')
        const moved = await person('ann')
        expect([moved._id, moved.phone, moved.email]).to.deep.equal([anna._id, undefined, 'a@example.com'])
      })

      it('knows those whom an earlier release applied, once it has applied them itself', async () => {
        await house.apply('people: [{ id: p1, email: a@example.com, password: seven lemons and a bicycle }]')
        const { revision } = await person('a@example.com')
        await house.store.collection(entryCollection).remove({})
        await house.store
          .collection(appliedCollection)
          .update({ _id: 'p1' }, { $unset: { email: true, username: true } })
        const file = 'people: [{ email: a@example.com, password: seven lemons and a bicycle }]'
        expect(actions(await house.apply(file))).to.deep.equal(new Set(['keep']))
        await house.accounts.changeEmail(await person('a@example.com'), 'b@example.com')
        expect(actions(await house.apply(file))).to.deep.equal(new Set(['keep']))
        expect(await house.accounts.findByIdentifier('a@example.com')).to.equal(undefined)
        expect((await person('b@example.com')).revision).to.equal(revision + 2)
      })

      it('does not make anew who deleted their account, nor touches who has their address since', async () => {
        await house.apply(demo)
        const carla = await person(CARLA)
        await house.accounts.remove(carla, [forgetApplied(carla._id)])
        for (const file of [demo, demo.replace('seven lemons and a bicycle', 'a lantern on the stairs')]) {
          const plan = await house.apply(file)
          expect(planText(plan)).to.match(/0 created|0 to create/)
          expect(planText(plan)).to.include(`= person ${CARLA}\n    deleted their account`)
          expect(planText(plan)).to.include('1 left out')
          expect(await house.accounts.findByIdentifier(CARLA)).to.equal(undefined)
        }
        const other = await house.accounts.create({ email: CARLA, password: 'nobody else knows this one' })
        await house.apply(demo)
        expect((await person(CARLA)).roles).to.deep.equal([])
        await house.accounts.remove(other)

        await house.apply(demo.replace(`- email: ${CARLA}`, `- id: carla-2\n    email: ${CARLA}`))
        expect((await person(CARLA))._id).to.equal('carla-2')
      })

      it('says which entries have become one person', async () => {
        await house.apply('people: [{ email: a@example.com }]')
        await house.accounts.changeEmail(await person('a@example.com'), 'b@example.com')
        const both = 'people:\n  - { email: a@example.com }\n  - { email: b@example.com, firstName: B }\n'
        expect(await problemsOf(house.apply(both))).to.deep.equal([
          '3 people.1: is by now the same person as people.0',
        ])
        await house.apply('people: [{ email: b@example.com }]')
        await house.apply('people: [{ email: b@example.com }, { email: a@example.com }]')
        expect((await person('a@example.com'))._id).to.not.equal((await person('b@example.com'))._id)
      })
    })

    it('SB-5 takes a password as a hash', async () => {
      await house.apply(demo)
      const hash = (await person('dario@guests.example')).password?.hash
      const file = `people: [{ id: from-elsewhere, username: gast, passwordHash: "${hash}" }]`
      await house.apply(file)
      const guest = await person('gast')
      expect(guest).to.deep.include({ _id: 'from-elsewhere', emailVerified: false, roles: [] })
      expect(await house.accounts.checkPassword(guest, 'rainy sunday on the ferry')).to.equal(true)
      expect(actions(await house.plan(file))).to.deep.equal(new Set(['keep']))
    })

    it('finds a person by any identifier and moves the others', async () => {
      await house.apply('people: [{ id: p1, email: old@example.com, username: gast }]')
      const plan = await house.apply('people: [{ email: new@example.com, username: gast }]')
      expect(changed(plan)).to.deep.equal(['new@example.com email'])
      expect((await person('new@example.com'))._id).to.equal('p1')
      expect(await house.accounts.findByIdentifier('old@example.com')).to.equal(undefined)
    })

    it('shuts out who is disabled', async () => {
      await house.apply('people: [{ id: p1, email: a@example.com }]')
      await house.apply('people: [{ email: a@example.com, status: disabled }]')
      expect((await person('a@example.com')).status).to.equal('disabled')
      expect(house.ended).to.deep.equal(['p1'])
    })

    it('keeps a secret that was made here', async () => {
      const file = 'applications: { desk: { name: Desk, redirectUris: [https://desk.example/callback] } }'
      await house.apply(file)
      await house.applications.put({ ...(await desk()), authMethod: 'client_secret_basic' }, 'test')
      const secret = await house.applications.newSecret('desk', 'test')
      await house.apply(file.replace('name: Desk', 'name: Front desk'))
      expect(await desk()).to.deep.include({ name: 'Front desk', secretHash: sha256(secret) })

      async function desk() {
        const application = await house.applications.get('desk')
        if (!application) throw new Error('no desk')
        return application
      }
    })

    it('makes one person when two apply the same file at once', async () => {
      const file = 'people: [{ email: a@example.com, firstName: A, roles: [] }]'
      await Promise.all([house.apply(file), house.apply(file), house.apply(file)])
      expect((await person('a@example.com')).firstName).to.equal('A')
      expect(actions(await house.plan(file))).to.deep.equal(new Set(['keep']))
    })

    it('promises no ID token in an algorithm that has no key', async () => {
      const file =
        'applications: { desk: { name: Desk, redirectUris: [https://a.example/], idTokenAlg: EdDSA } }'
      expect(await problemsOf(house.apply(file))).to.deep.equal([
        '1 applications.desk.idTokenAlg: there is no key for it; possible: ES256, RS256 (algorithms in the configuration)',
      ])
      await house.apply(file.replace('EdDSA', 'ES256'))
      expect(await house.applications.get('desk')).to.include({ idTokenAlg: 'ES256' })
    })

    it('is refused whole when its parts do not fit', async () => {
      await house.apply('people: [{ id: p1, email: one@example.com }, { id: p2, username: two }]')
      const problems = await problemsOf(
        house.apply(`roles:
  cook: { title: Cook, permissions: { https://nowhere.example: [x] } }
applications:
  account: { name: Account, redirectUris: [https://a.example/] }
  shop: { name: Shop, kind: spa, pkce: false, secret: '0123456789012345678901234567890123' }
  robot: { name: Robot, kind: machine }
  phone: { name: Phone, api: https://nowhere.example, redirectUris: [com.example.phone:/x] }
people:
  - { email: grace@example.com, password: too short, roles: [admiral] }
  - { email: Grace@Example.com, password: grace-grace-grace }
  - { email: one@example.com, username: two }
`),
      )
      expect(problems).to.deep.equal([
        '2 roles.cook.permissions.https://nowhere.example: there is no such API',
        '4 applications.account: is part of Maitred; choose another id',
        '5 applications.shop.secret: an application of kind spa cannot keep a secret',
        '5 applications.shop.pkce: only an application with a secret, jwks or jwksUri can do without',
        '5 applications.shop.redirectUris: the grant authorization_code needs at least one',
        '6 applications.robot.kind: a machine needs a secret, jwks or jwksUri',
        '7 applications.phone.api: there is no such API',
        '7 applications.phone.redirectUris: a private scheme is for an application of kind native',
        '9 people.0.roles: there is no role admiral',
        '9 people.0.password: Use at least 15 characters.',
        '10 people.1.password: This is too close to your name, your address or the name of the app. Choose another one.',
        '10 people.1.email: people.0 has the same',
        '11 people.2: id, email, username and phone belong to different people',
      ])
      expect(house.roles.list()).to.deep.equal([])
    })

    it('tells no secret in a plan', async () => {
      const text = `${planText(await house.plan(demo))}${JSON.stringify(await house.plan(demo))}`
      for (const secret of [
        'saffron',
        'demo-only',
        'KVKF',
        sha256('demo-only-night-report-51b8fd2e6a07c394'),
      ])
        expect(text).to.not.include(secret)
      expect(text).to.include('password: (secret)').and.include('totp: (secret)')
    })
  })
}
