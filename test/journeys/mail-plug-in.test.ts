import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { seedRestaurant } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { createVisitor } from '../support/visitor.ts'

const plugIn = new URL('../../examples/plugins/http-mail.ts', import.meta.url)

for (const engine of engines()) {
  describe(`DC-8 a mail transport in the configuration file (${engine.name})`, () => {
    const mails: Record<string, string>[] = []
    let status = 503
    const api = createServer(async (request, response) => {
      const mail = JSON.parse(await text(request))
      response.writeHead(status).end()
      if (status === 200) mails.push(mail)
    })
    let folder: string
    let app: RunningApp
    let time = Date.now()

    before(async () => {
      await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
      folder = await mkdtemp(join(tmpdir(), 'maitred-mail-plug-in-'))
      const CONFIG = join(folder, 'maitred.config.ts')
      const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/emails`
      await writeFile(
        CONFIG,
        `import { httpMail } from '${plugIn}'\nexport default { mail: httpMail({ url: '${url}', key: 'a-key' }) }\n`,
      )
      app = await startApp(engine, { env: { CONFIG }, now: () => new Date(time) })
      await seedRestaurant(app)
    })
    after(async () => {
      await app?.stop()
      api.close().closeAllConnections()
      await rm(folder, { recursive: true, force: true })
    })

    it('sends what is said to people, as soon as its API takes it, and nothing by another way', async () => {
      const visitor = createVisitor(app.url)
      await visitor.submit(await visitor.get(`${app.url}/forgot-password`), { email: 'ada@example.com' })
      await app.mail.pass()
      expect(mails).to.deep.equal([])
      status = 200
      time += 60_000
      await app.mail.pass()
      await until(() => expect(mails).to.have.length(1))
      expect(mails[0]).to.include({ from: '"Maitred" <no-reply@localhost>', to: 'ada@example.com' })
      expect(mails[0]?.text).to.include(`${app.url}/reset-password?token=`)
      expect(mails[0]?.headers).to.include({ 'Auto-Submitted': 'auto-generated', 'Content-Language': 'en' })
      expect(await app.mail.sent()).to.deep.equal([])
      expect((await fetch(`${app.url}/dev/mail`)).status).to.equal(404)
    })
  })
}
