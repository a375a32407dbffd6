import { expect } from 'chai'
import mongoose from 'mongoose'
import { generateSync } from 'otplib'
import { sessionCollection } from '../../src/accounts/accounts.ts'
import { engines } from '../support/engines.ts'
import { PASSWORD } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { createVisitor, type Page, type Visitor } from '../support/visitor.ts'
import {
  ADA,
  type Answer,
  authUrl,
  DEVICE,
  type House,
  login,
  newestMail,
  openHouse,
  openTwin,
  resetLink,
  send,
  token,
} from './house.ts'

const OWNERS = 'another-calm-river-at-dawn'
const THIEFS = 'a-stolen-lantern-in-the-fog'

for (const engine of engines()) {
  describe(`R04 S04 a new password and what is under way beside it (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House

    beforeEach(async () => {
      house = await openHouse(engine)
    })
    afterEach(() => house?.stop())

    async function passwordPage(): Promise<{ visitor: Visitor; page: Page }> {
      const visitor = createVisitor(house.url)
      const door = await visitor.get(`${house.url}/account/password`)
      return { visitor, page: await visitor.submit(door, ADA, 'sign-in') }
    }

    /** Once, when the next password is hashed: the old one has been proved by then. */
    function whileHashing(act: () => Promise<void> | void): void {
      const { hash } = house.hasher
      house.hasher.hash = async (password) => {
        house.hasher.hash = hash
        await act()
        return hash(password)
      }
    }

    it('a change by who knows the old one does not undo the owner’s reset', async () => {
      const thief = await passwordPage()
      const owner = createVisitor(house.url)
      const form = await owner.get(await resetLink(house, ADA.identifier))
      whileHashing(async () => {
        expect((await owner.submit(form, { password: OWNERS })).status).to.equal(200)
      })
      const fields = { currentPassword: PASSWORD, password: THIEFS }
      const late = await thief.visitor.submit(thief.page, fields, '/account/password')
      expect(late.status).to.equal(409)
      expect((await login(house, { ...ADA, password: OWNERS })).status).to.equal(200)
      expect((await login(house, { ...ADA, password: THIEFS })).status).to.equal(401)
    })

    it('nor does a reset undo a password that was set meanwhile', async () => {
      const owner = createVisitor(house.url)
      const form = await owner.get(await resetLink(house, ADA.identifier))
      whileHashing(async () => {
        const ada = await house.accounts.find(house.cast.person.id)
        if (ada) await house.accounts.setPassword(ada, OWNERS)
      })
      expect((await owner.submit(form, { password: THIEFS })).status).to.equal(410)
      expect((await login(house, { ...ADA, password: OWNERS })).status).to.equal(200)
    })

    it('nor does anything else that the thief was just about to change', async () => {
      const thief = createVisitor(house.url)
      await thief.submit(await thief.get(`${house.url}/account/email`), ADA, 'sign-in')
      const changes: Record<string, () => Promise<Page>> = {
        email: async () => {
          const page = await thief.get(`${house.url}/account/email`)
          const sent = await thief.submit(page, { email: 'mallory@example.com' }, '/account/email')
          const [, a = '', b = ''] =
            /\b(\d{3}) ?(\d{3})\b/.exec(await newestMail(house, 'mallory@example.com')) ?? []
          return thief.submit(sent, { code: a + b }, '/account/email/confirm')
        },
        totp: async () => {
          const page = await thief.get(`${house.url}/account/security/totp`)
          const secret = /id="secret">([A-Z2-7 ]+)</.exec(page.html)?.[1]?.replaceAll(' ', '') ?? ''
          return thief.submit(page, { code: generateSync({ secret }) }, '/account/security/totp')
        },
      }
      const { batch } = house.store
      const { id } = house.cast.person
      const endSessions: Record<string, () => Promise<void>> = {
        // As a reset does, and as the page of sessions does.
        email: async () => batch(await house.oidc.endings.personWrites(id)),
        totp: async () => {
          const [session] = await house.store.collection(sessionCollection).find({ person: id })
          if (session) await house.oidc.endings.endSession(session)
        },
      }
      for (const [what, change] of Object.entries(changes)) {
        house.store.batch = async (writes, o) => {
          if (!/email_changed|factor_enrolled/.test(JSON.stringify(writes))) return batch(writes, o)
          house.store.batch = batch
          await endSessions[what]?.()
          return batch(writes, o)
        }
        const late = await change()
        expect(late.status, what).to.be.oneOf([409, 422])
        const ada = await house.accounts.find(id)
        expect([ada?.email, ada?.totp], what).to.deep.equal([ADA.identifier, undefined])
        await thief.submit(await thief.get(`${house.url}/account/email`), ADA, 'sign-in')
      }
    })

    it('nor does a device’s approval with the old one leave its browser signed in', async () => {
      const { json } = await send(house, '/device/auth', { form: { client_id: 'tv', scope: 'openid' } })
      const thief = createVisitor(house.url)
      const entered = await thief.submit(await thief.get(`${house.url}/device`), {
        user_code: String(json.user_code),
      })
      const asked = await thief.submit(entered, { confirm: 'yes' }, 'device')
      const owner = createVisitor(house.url)
      const form = await owner.get(await resetLink(house, ADA.identifier))
      const sessions = house.store.collection(sessionCollection)
      const { update } = sessions
      sessions.update = async (match, change, o) => {
        if (change.$set?.person) {
          sessions.update = update
          expect((await owner.submit(form, { password: OWNERS })).status).to.equal(200)
        }
        return update(match, change, o)
      }
      expect((await thief.submit(asked, ADA, 'sign-in')).html).not.to.include('connected')
      expect(sessions.update, 'nobody signed in').to.equal(update)
      expect((await thief.get(authUrl(house, { prompt: 'none' }))).leaves).to.include('login_required')
      const poll = { grant_type: DEVICE, client_id: 'tv', device_code: String(json.device_code) }
      expect((await token(house, poll)).status).to.equal(400)
    })

    if (engine.name === 'mongodb') {
      it('a sign-in in another process while the others are being ended does not survive it', async () => {
        const { visitor, page } = await passwordPage()
        const twin = await openTwin(house)
        try {
          let signIn: Promise<Answer> | undefined
          whileHashing(() =>
            beforeNextCommit(async () => {
              signIn = login(house, ADA, { at: twin.url })
              await Promise.race([signIn, somebodyWaits()])
            }),
          )
          const fields = { currentPassword: PASSWORD, password: OWNERS, others: 'yes' }
          expect((await visitor.submit(page, fields, '/account/password')).status).to.equal(200)
          const { json } = (await signIn) ?? expect.fail('nobody signed in')
          // It may have been told yes before the change was there. The entry by person refuses what it got, and its
          // session is proved by the password of before.
          if (json.access_token) {
            const headers = { authorization: `Bearer ${json.access_token}` }
            for (const at of [house.url, twin.url])
              await until(async () => {
                expect((await login(house, {}, { at, headers })).status).to.equal(401)
              }, 1_000)
          }
          const changedAt = (await house.accounts.find(house.cast.person.id))?.password?.changedAt
          const left = await house.store.collection(sessionCollection).find({ person: house.cast.person.id })
          const good = left.filter(({ passwordSetAt }) => passwordSetAt?.getTime() === changedAt?.getTime())
          expect(good).to.have.length(1)
        } finally {
          await twin.stop()
        }
      })
    }

    /** The transaction has written, and nobody else can see it yet. */
    function beforeNextCommit(act: () => Promise<void>): void {
      const { prototype } = mongoose.mongo.ClientSession
      const { commitTransaction } = prototype
      prototype.commitTransaction = async function commit(...args) {
        prototype.commitTransaction = commitTransaction
        await act()
        return commitTransaction.apply(this, args)
      }
    }

    /** Somebody tries to write what a transaction has written that is not committed. */
    async function somebodyWaits(): Promise<void> {
      const client = await mongoose.mongo.MongoClient.connect(String(house.config.mongodbUri))
      try {
        await until(async () => {
          const running = await client
            .db('admin')
            .aggregate([{ $currentOp: {} }])
            .toArray()
          expect(running.filter(({ writeConflicts }) => writeConflicts > 0)).not.to.deep.equal([])
        }, 3_000)
      } finally {
        await client.close()
      }
    }
  })
}
