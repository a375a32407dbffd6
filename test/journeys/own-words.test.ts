import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { authUrl, newestMail } from '../attacks/house.ts'
import { startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { seedRestaurant } from '../support/restaurant.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

const configuration = `export default {
  name: 'Portofino',
  brand: { color: '#7a1f3d', logo: 'https://cdn.example.com/logo.svg' },
  texts: {
    en: {
      'flow.signIn.button': 'Come aboard',
      'error.not_found.title': 'Not in this harbour',
      'mail.reset-password.subject': 'A new key for {app}',
    },
    de: { 'flow.signIn.button': 'An Bord', 'mail.reset-password.subject': 'Neuer Schlüssel für {app}' },
  },
}
`

for (const engine of engines()) {
  describe(`DC-18 DC-2 the words, name and colours of whoever runs it (${engine.name})`, () => {
    it('stand on pages, in errors and in mails, in each language', async () => {
      const folder = await temporaryFolder('maitred-words-')
      const CONFIG = join(folder, 'maitred.config.ts')
      await writeFile(CONFIG, configuration)
      const app = await startApp(engine, { env: { CONFIG } })
      try {
        await seedRestaurant(app)
        for (const [language, button, subject] of [
          ['en', 'Come aboard', /^A new key for Portofino$/],
          ['de', 'An Bord', /^Neuer Schlüssel für Portofino$/],
        ] as const) {
          const visitor = createVisitor(app.url, { 'accept-language': language })
          const page = await visitor.get(authUrl(app))
          expect(page.html).to.match(new RegExp(`<button[^>]*>\\s*${button}\\s*</button>`))
          expect(page.html).to.include('https://cdn.example.com/logo.svg')
          expect(page.html).to.include('7a1f3d')
          expect(page.headers.get('content-security-policy'))
            .to.match(/img-src [^;]*https:\/\/cdn\.example\.com/)
            .and.not.include('unsafe-inline')
          await visitor.submit(await visitor.get('/forgot-password'), { email: 'ada@example.com' })
          await newestMail(app, 'ada@example.com')
          const [mail] = await app.mail.sent()
          expect(mail?.subject).to.match(subject)
        }
        const nowhere = await createVisitor(app.url, { 'accept-language': 'en' }).get('/nowhere')
        expect([nowhere.status, textOf(nowhere.html)])
          .to.have.property('1')
          .that.includes('Not in this harbour')
        const problem = await fetch(`${app.url}/nowhere`, { headers: { accept: 'application/json' } })
        expect(await problem.json()).to.include({ title: 'Not in this harbour' })
      } finally {
        await app.stop()
        await rm(folder, { recursive: true })
      }
    })
  })
}
