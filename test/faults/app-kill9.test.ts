import { expect } from 'chai'
import * as client from 'openid-client'
import { engines } from '../support/engines.ts'
import { beginSignIn, PASSWORD, relyingParty } from '../support/restaurant.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { type SmtpBench, startSmtp } from '../support/smtp.ts'
import { until } from '../support/until.ts'
import { createVisitor, textOf, type Visitor } from '../support/visitor.ts'
import { type AppPlace, fromElsewhere, openAppPlace } from './app-place.ts'
import { share } from './share.ts'

const ROUNDS = 2

for (const engine of engines()) {
  describe(`F01 the whole program, killed again and again under load (${engine.name})`, function () {
    this.timeout(300_000)
    let place: AppPlace
    let smtp: SmtpBench
    let server: ServerProcess
    let kitchen: client.Configuration
    /** What was answered with success. */
    const signedUp: string[] = []
    const redeemed: { code: string; verifier: string }[] = []
    let refreshes = 0
    /** What went out and was not answered. */
    const unanswered: { code: string; verifier: string }[] = []
    const readyMs: number[] = []

    before(async () => {
      smtp = await startSmtp()
      place = await openAppPlace(engine, { SMTP_URL: smtp.url })
      await serve()
      kitchen = await relyingParty({ url: place.url } as never, 'kitchen', place.cast.secret)
    })
    after(async () => {
      await server?.stop()
      await smtp?.stop()
      await place?.remove()
    })

    async function serve(): Promise<void> {
      const started = await place.serve()
      server = started.server
      readyMs.push(started.readyMs)
    }

    async function signUp(email: string): Promise<void> {
      const visitor = createVisitor(place.url, fromElsewhere())
      const page = await visitor.get((await beginSignIn(kitchen, { prompt: 'create' })).url.href)
      const asked = await visitor.submit(page, { email, password: PASSWORD }, 'sign-up')
      const code = await until(() => {
        // No mail comes any more: what is asked next fails.
        if (!running) return ''
        const mail = smtp.received.find(({ receivers }) => receivers[0] === email)
        const found = /\b(\d{3}) ?(\d{3})\b/.exec(mail?.text ?? '')
        if (!found) throw new Error('no mail yet')
        return `${found[1]}${found[2]}`
      }, 20_000)
      const done = await visitor.submit(asked, { code }, 'verify')
      if (!done.leaves?.includes('code=')) throw new Error(`it stopped: ${textOf(done.html)}`)
      signedUp.push(email)
    }

    async function newCode(visitor: Visitor): Promise<{ code: string; verifier: string }> {
      const verifier = client.randomPKCECodeVerifier()
      const code_challenge = await client.calculatePKCECodeChallenge(verifier)
      const { url } = await beginSignIn(kitchen, { code_challenge })
      const page = await visitor.get(url.href)
      const code = new URL(String(page.leaves)).searchParams.get('code') ?? ''
      return { code, verifier }
    }

    function redeem({ code, verifier }: { code: string; verifier: string }): Promise<Response> {
      return fetch(`${place.url}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`kitchen:${place.cast.secret}`)}` },
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code,
          redirect_uri: 'http://127.0.0.1:39999/callback',
          code_verifier: verifier,
        }),
      })
    }

    async function signedIn(): Promise<Visitor> {
      const visitor = createVisitor(place.url, fromElsewhere())
      const page = await visitor.get((await beginSignIn(kitchen)).url.href)
      const done = await visitor.submit(
        page,
        { identifier: 'ada@example.com', password: PASSWORD },
        'sign-in',
      )
      if (!done.leaves) throw new Error(`the sign-in stopped: ${textOf(done.html)}`)
      return visitor
    }

    /** Asks again while it is told to: what the killed process had in hand may be locked for some seconds. */
    async function whenFree<T extends object>(ask: () => Promise<T>): Promise<T> {
      return until(async () => {
        const answer = await ask()
        if ('status' in answer && answer.status === 503) throw new Error('The store is unavailable')
        return answer
      }, 20_000)
    }

    let running = false

    /** Repeats until the process is killed. What fails before that is a failure. */
    async function load(work: (n: number) => Promise<void>): Promise<void> {
      for (let n = 0; running; n += 1) {
        try {
          await work(n)
        } catch (error) {
          if (running) throw error
        }
      }
    }

    it('keeps what it acknowledged, takes nothing twice, and is ready again within three seconds', async () => {
      const holders: { refresh_token: string }[] = []
      for (let n = 0; n < 4; n += 1) {
        const answer = await redeem(await newCode(await signedIn()))
        holders.push((await answer.json()) as { refresh_token: string })
      }

      for (let round = 0; round < ROUNDS; round += 1) {
        running = true
        const spender = await signedIn()
        const [ups, codes, rotated] = [signedUp.length, redeemed.length, refreshes]
        const spend = async (): Promise<void> => {
          const made = await newCode(spender)
          unanswered.push(made)
          const { status } = await redeem(made)
          expect(status).to.equal(200)
          unanswered.splice(unanswered.indexOf(made), 1)
          redeemed.push(made)
        }
        const work = Promise.all([
          ...[1, 2].map((worker) => load((n) => signUp(`p${round}-${worker}-${n}@example.com`))),
          load(spend),
          ...holders.map((holder) =>
            load(async () => {
              const next = await client.refreshTokenGrant(kitchen, holder.refresh_token)
              holder.refresh_token = String(next.refresh_token)
              refreshes += 1
            }),
          ),
        ])
        const enough = until(() => {
          expect(signedUp.length - ups).to.be.at.least(3)
          expect(redeemed.length - codes).to.be.at.least(6)
          expect(refreshes - rotated).to.be.at.least(30)
        }, 60_000)
        await Promise.race([work, enough])
        running = false
        server.child.kill('SIGKILL')
        await Promise.all([work, server.ended()])
        await serve()

        for (const holder of holders) {
          const next = await whenFree(() => client.refreshTokenGrant(kitchen, holder.refresh_token))
          holder.refresh_token = String(next.refresh_token)
        }
        for (const made of redeemed.splice(0)) {
          const { status } = await whenFree(() => redeem(made))
          expect(status, 'a code that was redeemed before').to.equal(400)
        }
        for (const made of unanswered.splice(0)) {
          const again = await Promise.all([redeem(made), redeem(made), redeem(made)])
          expect(again.filter(({ status }) => status === 200)).to.have.length.at.most(1)
        }
        for (const identifier of signedUp) {
          const visitor = createVisitor(place.url, fromElsewhere())
          const page = await visitor.get((await beginSignIn(kitchen)).url.href)
          const fields = { identifier, password: PASSWORD }
          const done = await whenFree(() => visitor.submit(page, fields, 'sign-in'))
          expect(done.leaves, identifier).to.include('code=')
        }
      }
      const [median = 0] = readyMs.sort((a, b) => a - b).slice(Math.floor(readyMs.length / 2))
      expect(median).to.be.below(3_000 * share())
    })
  })
}
