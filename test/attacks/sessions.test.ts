import { expect } from 'chai'
import * as client from 'openid-client'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import {
  beginSignIn,
  type Cast,
  PASSWORD,
  relyingParty,
  seedRestaurant,
  signIn,
} from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { createVisitor } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`S04 S05 what ended stays ended (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast
    let kitchen: client.Configuration
    let spa: client.Configuration

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
      kitchen = await relyingParty(app, 'kitchen', cast.secret)
      spa = await relyingParty(app, 'spa')
    })
    after(() => app?.stop())

    /** J10: the list of revocations reaches everybody within a second. */
    function refusedWithinASecond(token: string): Promise<void> {
      return until(async () => {
        const info = await fetch(`${app.url}/me`, { headers: { authorization: `Bearer ${token}` } })
        expect(info.status).to.equal(401)
      }, 1_000)
    }

    it('a session that is used at the very moment of its end does not come back', async () => {
      const { visitor } = await signIn(app, kitchen)
      const using = Array.from({ length: 20 }, () =>
        visitor.request(`${app.url}/session/end`).catch(() => {}),
      )
      await app.store.batch(await app.oidc.endings.personWrites(cast.person.id))
      await Promise.all(using)
      const again = await visitor.get((await beginSignIn(kitchen)).url.href)
      expect(again.leaves).to.equal(undefined)
    })

    it('two applications entered at once in one session both end with it', async () => {
      const { visitor, tokens } = await signIn(app, kitchen)
      const [a, b] = await Promise.all([signIn(app, spa, { visitor }), signIn(app, kitchen, { visitor })])
      await app.store.batch(await app.oidc.endings.personWrites(cast.person.id))
      for (const [config, token] of [
        [kitchen, tokens],
        [spa, a.tokens],
        [kitchen, b.tokens],
      ] as const) {
        await client.refreshTokenGrant(config, String(token.refresh_token)).then(
          () => expect.fail('a refresh token survived'),
          () => {},
        )
        await refusedWithinASecond(token.access_token)
      }
    })

    it('a code that is redeemed while its session ends gives nothing that lasts', async () => {
      for (let round = 0; round < 8; round++) {
        const { visitor } = await signIn(app, kitchen)
        const { url, finish } = await beginSignIn(kitchen)
        const page = await visitor.get(url.href)
        const [redeemed] = await Promise.allSettled([
          finish(String(page.leaves)),
          app.oidc.endings.personWrites(cast.person.id).then((writes) => app.store.batch(writes)),
        ])
        if (redeemed.status === 'rejected') continue
        const outcome = await client.refreshTokenGrant(kitchen, String(redeemed.value.refresh_token)).then(
          () => 'lives',
          () => 'gone',
        )
        expect(outcome).to.equal('gone')
      }
    })

    it('a person with 250 sessions can end them all by a new password', async () => {
      const session = (await app.store.collection(
        (
          await import('../../src/accounts/accounts.ts')
        ).sessionCollection,
      )) as never as {
        find(match: object): Promise<Record<string, unknown>[]>
        insert(document: object): Promise<void>
      }
      await signIn(app, kitchen)
      const [model] = await session.find({ person: cast.person.id })
      await Promise.all(
        Array.from({ length: 250 }, (_, n) =>
          session.insert({ ...model, _id: `many-${n}`, key: `key-${n}` }),
        ),
      )
      await app.store.batch(await app.oidc.endings.personWrites(cast.person.id))
      expect(await session.find({ person: cast.person.id })).to.have.length(0)
    })

    it('S11 leaving takes every application along, whatever the form says', async () => {
      const { visitor, tokens } = await signIn(app, kitchen)
      const leave = await visitor.get(
        client.buildEndSessionUrl(kitchen, { id_token_hint: String(tokens.id_token) }).href,
      )
      await visitor.submit(leave, {}, 'session/end')
      await refusedWithinASecond(tokens.access_token)
    })

    it('a grant that offline_access replaced ends with its session', async () => {
      const { visitor, tokens } = await signIn(app, kitchen)
      const { url, finish } = await beginSignIn(kitchen, {
        prompt: 'consent',
        scope: 'openid offline_access',
      })
      const page = await visitor.get(url.href)
      const done = page.leaves ? page : await visitor.submit(page, {}, 'consent')
      const offline = await finish(String(done.leaves))
      const leave = await visitor.get(
        client.buildEndSessionUrl(kitchen, { id_token_hint: String(tokens.id_token) }).href,
      )
      await visitor.submit(leave, { logout: 'yes' }, 'session/end')
      await refusedWithinASecond(tokens.access_token)
      expect((await client.refreshTokenGrant(kitchen, String(offline.refresh_token))).access_token).to.be.a(
        'string',
      )
    })

    it('S02 a dead cookie gains nobody a longer or shorter session', async () => {
      const visitor = createVisitor(app.url)
      const name = `maitred${new URL(app.url).port}_session`
      visitor.cookies.push({ name, value: 'planted-by-somebody-else', path: '/' })
      await signIn(app, kitchen, { visitor, identifier: 'ada@example.com', password: PASSWORD })
      const value = visitor.cookies.find((cookie) => cookie.name === name)?.value
      expect(value).not.to.equal('planted-by-somebody-else')
    })
  })
}
