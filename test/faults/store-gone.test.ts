import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
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
import { createVisitor } from '../support/visitor.ts'

describe('a store that is locked by somebody else (sqlite)', () => {
  let app: RunningApp
  let cast: Cast
  let kitchen: client.Configuration

  before(async () => {
    const [sqlite] = engines()
    if (!sqlite) throw new Error('no embedded engine')
    app = await startApp(sqlite)
    cast = await seedRestaurant(app)
    kitchen = await relyingParty(app, 'kitchen', cast.secret)
  })
  after(() => app?.stop())

  it('is told as 503 with Retry-After within five seconds, and everything works again by itself', async () => {
    const { tokens } = await signIn(app, kitchen)
    const visitor = createVisitor(app.url)
    const page = await visitor.get((await beginSignIn(kitchen)).url.href)
    const other = new DatabaseSync(join(app.config.dataDir, 'maitred.db'))
    other.exec('BEGIN IMMEDIATE')
    try {
      const began = performance.now()
      const [refresh, password, fresh] = await Promise.all([
        refreshStatus(String(tokens.refresh_token)),
        visitor.submit(page, { identifier: 'ada@example.com', password: PASSWORD }, 'sign-in'),
        createVisitor(app.url).get((await beginSignIn(kitchen)).url.href),
      ])
      expect(performance.now() - began).to.be.below(5_000)
      // Whoever only begins a sign-in needs no store.
      expect([refresh.status, password.status, fresh.status]).to.deep.equal([503, 503, 200])
      for (const headers of [refresh.headers, password.headers]) {
        expect(Number(headers.get('retry-after'))).to.be.above(0)
      }
    } finally {
      other.exec('ROLLBACK')
      other.close()
    }
    const again = await client.refreshTokenGrant(kitchen, String(tokens.refresh_token))
    expect(again.access_token).to.be.a('string')
  })

  function refreshStatus(token: string): Promise<Response> {
    return fetch(`${app.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`kitchen:${cast.secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }),
    })
  }
})
