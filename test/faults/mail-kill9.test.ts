import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { randomToken } from '../../src/keys/keys.ts'
import { engines, type Place } from '../support/engines.ts'
import { type SmtpBench, startSmtp } from '../support/smtp.ts'
import { until } from '../support/until.ts'

for (const engine of engines()) {
  describe(`F01 F06 SB-6 promised mails on ${engine.name}`, () => {
    let place: Place
    let smtp: SmtpBench
    let secret: string
    let promised: Set<string>
    let kills: (() => void)[]

    beforeEach(async () => {
      place = await engine.place()
      smtp = await startSmtp()
      secret = randomToken()
      promised = new Set()
      kills = []
    })
    afterEach(async () => {
      for (const kill of kills) kill()
      await smtp.stop()
      await place.remove()
    })

    /** A process that promises so many mails and sends what is due. */
    function start(mails: number): { kill(): Promise<unknown> } {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'mail-kill9-sender.ts'), `${mails}`], {
        env: { ...process.env, ...place.env, SMTP_URL: smtp.url, SECRET: secret },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith('promised ')) promised.add(line.slice('promised '.length))
      })
      kills.push(() => child.kill('SIGKILL'))
      return {
        kill() {
          const ended = once(child, 'close')
          child.kill('SIGKILL')
          return ended
        },
      }
    }
    const arrived = () => smtp.received.map(({ receivers }) => receivers[0])

    it('arrive though the process is killed in the middle, and twice only under one Message-ID', async () => {
      smtp.mood.slowMs = 60
      const first = start(40)
      await until(() => expect(arrived()).to.have.length.at.least(10), 30_000)
      await first.kill()
      expect(promised.size).to.equal(40)
      const second = start(10)
      await until(() => expect(arrived()).to.have.length.at.least(25), 30_000)
      await second.kill()
      smtp.mood.slowMs = 0
      start(0)
      const began = performance.now()
      await until(() => expect(new Set(arrived())).to.deep.equal(promised), 60_000)
      expect(performance.now() - began).to.be.below(45_000)

      // At most the five that each killed process had in hand.
      expect(arrived().length - promised.size).to.be.at.most(10)
      const ids = new Map<string | undefined, string | undefined>()
      for (const { messageId, receivers } of smtp.received) {
        const [receiver] = receivers
        expect(ids.get(receiver) ?? messageId).to.equal(messageId)
        ids.set(receiver, messageId)
      }
      expect(new Set(ids.values()).size).to.equal(promised.size)
    }).timeout(150_000)

    it('are each sent by one of three processes', async () => {
      start(15)
      start(15)
      start(15)
      await until(() => expect(arrived()).to.have.length.at.least(45), 40_000)
      expect([...arrived()].sort()).to.deep.equal([...promised].sort())
    }).timeout(60_000)

    it('arrive within a minute, each once, after the server was away and after it was silent', async () => {
      await smtp.stop()
      start(5)
      await until(() => expect(promised.size).to.equal(5), 20_000)
      await new Promise((resolve) => setTimeout(resolve, 6_000))
      smtp.mood.silent = true
      await smtp.start()
      await smtp.heard()
      smtp.mood.silent = false
      const began = performance.now()
      await until(() => expect(arrived()).to.have.length.at.least(5), 70_000)
      expect(performance.now() - began).to.be.below(60_000)
      expect(new Set(arrived())).to.deep.equal(promised)
      expect(arrived()).to.have.length(5)
    }).timeout(120_000)
  })
}
