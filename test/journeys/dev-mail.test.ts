import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { type AppSettings, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { seedRestaurant } from '../support/restaurant.ts'
import { startSmtp } from '../support/smtp.ts'
import { until } from '../support/until.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`SB-6 DC-6 where one reads mails without a mail server (${engine.name})`, () => {
    it('in DATA_DIR/mail and at /dev/mail of a development issuer, in both parts', async () => {
      const app = await startApp(engine)
      try {
        await seedRestaurant(app)
        const visitor = createVisitor(app.url)
        const asked = await visitor.submit(await visitor.get('/forgot-password'), {
          email: 'ada@example.com',
        })
        expect(asked.status).to.equal(200)
        const list = await visitor.get('/dev/mail')
        expect(textOf(list.html)).to.include('ada@example.com')
        const path = /href="(\/dev\/mail\/[^"]+)"/.exec(list.html)?.[1] ?? ''
        const mail = await visitor.get(path)
        const link = /http:\S+reset-password\?token=[\w-]+/.exec(textOf(mail.html))?.[0] ?? 'no link'
        const html = await visitor.get(`${path}/html`)
        expect(html.html).to.include(link)
        expect(html.headers.get('content-security-policy')).to.include('sandbox')
        expect((await visitor.get(link)).html).to.include('autocomplete="new-password"')

        const folder = join(app.config.dataDir, 'mail')
        const [file = '', ...more] = (await readdir(folder)).filter((name) => name.endsWith('.eml'))
        expect(more).to.deep.equal([])
        expect(await readFile(join(folder, file), 'utf8'))
          .to.match(/^To: ada@example\.com\r?$/m)
          .and.match(/text\/plain[\s\S]*text\/html/)
      } finally {
        await app.stop()
      }
    })

    it('nowhere where it goes out by SMTP, nor on any other issuer', async () => {
      const smtp = await startSmtp()
      const closed: AppSettings[] = [
        { env: { SMTP_URL: smtp.url } },
        {
          env: {
            ISSUER: 'https://id.example.com',
            TRUSTED_PROXIES: '127.0.0.0/8',
          },
        },
      ]
      const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'id.example.com' }
      try {
        for (const settings of closed) {
          const app = await startApp(engine, settings)
          try {
            await seedRestaurant(app)
            const near = createVisitor(
              `http://localhost:${app.config.port}`,
              settings === closed[1] ? proxied : {},
            )
            for (const path of ['/dev/mail', '/dev/mail/x', '/dev/mail/x/html'])
              expect([path, (await near.request(path)).status]).to.deep.equal([path, 404])
            if (!settings.env?.SMTP_URL) continue
            await near.submit(await near.get('/forgot-password'), { email: 'ada@example.com' })
            await until(() => expect(smtp.received).to.have.length(1))
          } finally {
            await app.stop()
          }
        }
      } finally {
        await smtp.stop()
      }
    })
  })
}
