import { expect } from 'chai'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { beginSignIn, relyingParty, seedRestaurant, signIn } from '../support/restaurant.ts'
import { createVisitor, textOf, type Visitor } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`DC-1 RF-1 redirect URIs (${engine.name})`, () => {
    let app: RunningApp
    let visitor: Visitor

    before(async () => {
      app = await startApp(engine)
      await seedRestaurant(app)
      visitor = (await signIn(app, await relyingParty(app, 'spa'))).visitor
      const put = (_id: string, kind: 'spa' | 'native', ...redirectUris: string[]) =>
        app.applications.put({ _id, name: _id, kind, firstParty: true, redirectUris }, 'test')
      await put('desk', 'spa', 'http://127.0.0.1/callback', 'http://[::1]/callback')
      await put('menu', 'spa', 'https://menu.example/callback?from=maitred')
      await put('phone', 'native', 'com.example.phone:/callback', 'https://phone.example/callback')
    })
    after(() => app?.stop())

    /** Where the browser is sent with a code, or the page that refuses. */
    async function ask(id: string, redirect_uri: string) {
      const { url } = await beginSignIn(await relyingParty(app, id), { redirect_uri })
      return visitor.get(url.href)
    }

    const accepted: [id: string, uri: string][] = [
      ['desk', 'http://127.0.0.1/callback'],
      ['desk', 'http://127.0.0.1:61023/callback'],
      ['desk', 'http://[::1]:8080/callback'],
      ['menu', 'https://menu.example/callback?from=maitred'],
      ['phone', 'com.example.phone:/callback'],
      ['phone', 'https://phone.example/callback'],
    ]
    for (const [id, uri] of accepted) {
      it(`sends ${id} to ${uri}`, async () => {
        const page = await ask(id, uri)
        expect(page.leaves, textOf(page.html)).to.match(
          new RegExp(`^${uri.replace(/[?.[\]]/g, '\\$&')}[?&]code=`),
        )
      })
    }

    const refused: [id: string, uri: string][] = [
      ['desk', 'http://127.0.0.1/callback/'],
      ['desk', 'http://127.0.0.1:61023/other'],
      ['desk', 'http://localhost/callback'],
      ['desk', 'https://127.0.0.1/callback'],
      ['desk', 'http://127.0.0.1@evil.example/callback'],
      ['desk', 'http://127.0.0.1.evil.example/callback'],
      ['menu', 'https://menu.example/callback'],
      ['menu', 'https://menu.example:8443/callback?from=maitred'],
      ['menu', 'https://menu.example/callback?from=maitred&to=evil'],
      ['menu', 'http://menu.example/callback?from=maitred'],
      ['menu', 'https://MENU.example/callback?from=maitred'],
      ['menu', 'https://menu.example/x/../callback?from=maitred'],
      ['phone', 'com.example.phone:/callback/x'],
      ['phone', 'com.example.other:/callback'],
      ['phone', 'javascript:alert(1)'],
    ]
    for (const [id, uri] of refused) {
      it(`never sends ${id} to ${uri}, and says so here`, async () => {
        const page = await ask(id, uri)
        expect(page.leaves).to.equal(undefined)
        expect(page.status).to.equal(400)
        expect(page.html).to.not.include(uri)
      })
    }

    describe('of a dynamic registration (RFC 7591 §5)', () => {
      const cases: [type: 'web' | 'native', uri: string, status: number][] = [
        ['web', 'https://third.example/callback', 201],
        ['web', 'http://localhost:8080/callback', 201],
        ['native', 'com.example.third:/callback', 201],
        ['native', 'http://127.0.0.1/callback', 201],
        ['web', 'http://third.example/callback', 400],
        ['web', 'http://localhost.evil.example/callback', 400],
        ['native', 'http://third.example/callback', 400],
        ['web', 'com.example.third:/callback', 400],
        ['native', 'third:/callback', 400],
        ['web', 'javascript:alert(1)', 400],
        ['native', 'JaVaScRiPt:alert(1)', 400],
        ['native', 'data:text/html,x', 400],
        ['web', 'https://third.example@evil.example/callback', 400],
        ['web', 'https://third.example/callback#x', 400],
      ]
      for (const [application_type, uri, status] of cases) {
        it(`${status === 201 ? 'takes' : 'refuses'} ${uri} for ${application_type}`, async () => {
          expect(await register({ application_type, redirect_uris: [uri] })).to.equal(status)
        })
      }

      it('refuses the same where one returns after signing out, and links that are programs', async () => {
        const redirect_uris = ['https://third.example/callback']
        for (const more of [
          { post_logout_redirect_uris: ['http://third.example/bye'] },
          { post_logout_redirect_uris: ['javascript:alert(1)'] },
          { client_uri: 'javascript:alert(1)' },
          { logo_uri: 'data:text/html,x' },
          { initiate_login_uri: 'javascript:alert(1)' },
        ]) {
          expect([more, await register({ redirect_uris, ...more })]).to.deep.equal([more, 400])
        }
      })

      it('refuses a change to what it would have refused', async () => {
        const made = await registration({ redirect_uris: ['https://third.example/callback'] })
        const about = (await made.json()) as Record<string, string>
        const { registration_client_uri: uri, registration_access_token: token, client_id } = about
        const response = await fetch(String(uri), {
          method: 'PUT',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ client_id, redirect_uris: ['http://third.example/callback'] }),
        })
        expect(response.status).to.equal(400)
        const kept = await app.applications.get(String(client_id))
        expect(kept?.redirectUris).to.deep.equal(['https://third.example/callback'])
      })

      async function registration(metadata: object): Promise<Response> {
        const token = await app.oidc.initialAccessToken(60)
        return fetch(`${app.url}/reg`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify(metadata),
        })
      }

      async function register(metadata: object): Promise<number> {
        const response = await registration(metadata)
        await response.arrayBuffer()
        return response.status
      }
    })

    it('are told as unregistered also to whom nobody knows', async () => {
      const { url } = await beginSignIn(await relyingParty(app, 'spa'), {
        redirect_uri: 'https://evil.example/',
      })
      const page = await createVisitor(app.url).get(url.href)
      expect([page.leaves, page.status]).to.deep.equal([undefined, 400])
    })
  })
}
