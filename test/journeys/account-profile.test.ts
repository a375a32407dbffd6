import { expect } from 'chai'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { type Resident, signInToAccount } from '../support/resident.ts'
import { PASSWORD, seedRestaurant } from '../support/restaurant.ts'
import { samplePicture } from '../support/sample-picture.ts'
import { textOf } from '../support/visitor.ts'

const page = '/account/profile'
const full = {
  firstName: 'Ada',
  lastName: 'Oberhuber-Rossi',
  username: 'Ada.R',
  phone: '+39 081 551 7123',
  birthdate: '1984-02-29',
  language: 'de',
  street: 'Via dei Tribunali 1',
  postalCode: '80138',
  city: 'Napoli',
  region: '',
  country: 'Italia',
}

for (const engine of engines()) {
  describe(`AA-3 AA-4 UM-1 one's own profile (${engine.name})`, () => {
    let app: RunningApp
    let ada: Resident
    let id = ''

    before(async () => {
      app = await startApp(engine)
      id = (await seedRestaurant(app)).person.id
      const grace = { email: 'grace@example.com', emailVerified: true, password: PASSWORD, username: 'grace' }
      await app.accounts.create({ ...grace, phone: '+49301234567' })
      const una = { email: 'una@example.com', emailVerified: true, password: PASSWORD, username: 'una' }
      await app.accounts.create(una)
      ada = await signInToAccount(app)
    })
    after(() => app?.stop())

    it('is changed, in its canonical form', async () => {
      const saved = await ada.fill(page, page, full)
      expect(saved.url).to.equal(`${app.url}${page}?done=saved`)
      expect(saved.html).to.include('Oberhuber-Rossi').and.include('role="status"')
      const person = await app.accounts.find(id)
      expect(person).to.deep.include({
        username: 'ada.r',
        phone: '+390815517123',
        birthdate: '1984-02-29',
        language: 'de',
        address: { street: 'Via dei Tribunali 1', postalCode: '80138', city: 'Napoli', country: 'Italia' },
        updatedBy: id,
      })
      expect((await app.accounts.findByIdentifier('ADA.R'))?._id).to.equal(id)
    })

    it('tells the script what to say of each field', async () => {
      const { html } = await ada.get(page)
      const birthdate = /<input[^>]* id="f-birthdate"[^>]*>/.exec(html)?.[0]
      expect(birthdate).to.include('data-invalid="Enter a date that exists, in the past."')
    })

    it('loses what is emptied', async () => {
      const kept = {
        ...full,
        region: '',
        phone: '',
        birthdate: '',
        street: '',
        postalCode: '',
        city: '',
        country: '',
      }
      await ada.fill(page, page, kept)
      const person = await app.accounts.find(id)
      expect(person).to.not.have.any.keys('phone', 'birthdate', 'address')
      expect(await app.accounts.findByIdentifier('+390815517123')).to.equal(undefined)
    })

    const wrong: [field: string, typed: string, said: string][] = [
      ['phone', '551', 'country code'],
      ['phone', '+49 30 1234567', 'in use already'],
      ['username', 'grace', 'in use already'],
      ['username', 'a b', 'letters, digits'],
      ['birthdate', '2999-01-01', 'in the past'],
      ['birthdate', '2023-02-30', 'in the past'],
      ['firstName', 'x'.repeat(101), 'too long'],
      ['lastName', 'a\nb', 'does not look right'],
    ]
    for (const [field, typed, said] of wrong) {
      it(`refuses ${field} ${JSON.stringify(typed).slice(0, 20)} and keeps what was typed`, async () => {
        const refused = await ada.fill(page, page, { ...full, street: 'Via Nuova 7', [field]: typed })
        expect(refused.status).to.equal(422)
        expect(textOf(refused.html)).to.include(said)
        expect(refused.html).to.include('value="Via Nuova 7"').and.include(`id="f-${field}-wrong">`)
        expect((await app.accounts.find(id))?.address?.street).to.not.equal('Via Nuova 7')
      })
    }

    it('S07: asks for the sign-in again before one signs in by another name, and keeps what was typed', async () => {
      const una = await signInToAccount(app, { identifier: 'una@example.com' })
      const form = await una.get(page)
      await una.age(6)
      const typed = { ...full, language: 'en', username: 'una.two', phone: '+39 081 551 9999' }
      const asked = await una.submit(form, typed, page)
      expect(asked.html).to.include('/sign-in?')
      // What opens nothing is saved already.
      const before = await app.accounts.findByIdentifier('una@example.com')
      expect(before).to.include({ lastName: 'Oberhuber-Rossi', username: 'una' })
      const back = await una.submit(asked, { password: PASSWORD }, 'sign-in')
      expect(back.html).to.include('value="una.two"').and.include('value="+39 081 551 9999"')
      expect(back.url).to.not.include('una.two')
      await una.submit(back, typed, page)
      expect((await app.accounts.findByIdentifier('una.two'))?.phone).to.equal('+390815519999')
      // Nor does the rest of the profile ask.
      await una.age(6)
      const renamed = await una.submit(await una.get(page), { ...typed, firstName: 'Una' }, page)
      expect(renamed.url).to.equal(`${app.url}${page}?done=saved`)
    })

    it('B12: tells by mail which name to sign in by is new or gone, and where that was done, but no name', async () => {
      const email = 'ivo@example.com'
      await app.accounts.create({ email, emailVerified: true, password: PASSWORD, username: 'ivo.one' })
      const ivo = await signInToAccount(app, { identifier: email })

      /** The subjects of what was said of names. */
      async function told(): Promise<string[]> {
        await app.mail.pass()
        const mails = (await app.mail.sent()).filter(
          ({ to, text }) => to === email && /put your profile right|Profil in Ordnung/.test(text),
        )
        for (const part of mails.flatMap(({ text, html }) => [text, html.replaceAll(/<[^>]+>/g, '')])) {
          expect(part)
            .to.match(/Chrome (on|auf) Windows/)
            .and.match(/\d at \d|\d um \d/)
          expect(part)
            .to.include(`${app.url}/account/sessions`)
            .and.not.match(/ivo\.(one|two)|39 ?081|7124/)
        }
        return mails.map(({ subject }) => subject.replace(/ – .*/, ''))
      }

      const own = { firstName: 'Ivo', language: 'en' }
      await ivo.fill(page, page, { ...own, username: 'IVO.one', phone: '' })
      expect(await told()).to.deep.equal([])

      await ivo.fill(page, page, { ...own, username: 'ivo.two', phone: '+39 081 551 7124' })
      const both = ['You have a new user name', 'You have a new phone number']
      expect(await told()).to.have.members(both)
      // What is refused, and what stays as it is, is not told.
      await ivo.fill(page, page, { ...own, username: 'ivo.two', phone: '+49 30 1234567' })
      await ivo.fill(page, page, { ...own, language: 'de', username: 'Ivo.Two', phone: '+390815517124' })
      expect(await told()).to.have.members(both)

      await ivo.fill(page, page, { ...own, username: '', phone: '' })
      const gone = ['Ihr Benutzername wurde entfernt', 'Ihre Telefonnummer wurde entfernt']
      expect(await told()).to.have.members([...both, ...gone])
    })

    it('takes nothing that is not on the form', async () => {
      const _csrf = await ada.token(page)
      for (const more of [
        { emailVerified: 'true' },
        { roles: 'owner' },
        { status: 'active' },
        { _id: 'x' },
      ]) {
        expect((await ada.post(page, { _csrf, ...full, ...more })).status).to.equal(400)
      }
    })

    it('writes what others see of a name as text', async () => {
      const saved = await ada.fill(page, page, { ...full, firstName: '<img src=x onerror=alert(1)>' })
      expect(saved.html).to.not.include('<img src=x')
      await ada.fill(page, page, full)
    })

    it('speaks German', async () => {
      const german = await signInToAccount(app, { headers: { 'accept-language': 'de' } })
      expect(textOf((await german.get(page)).html)).to.include('Geburtsdatum')
    })

    async function upload(file: Buffer, csrf?: string, more: Record<string, string> = {}) {
      const body = new FormData()
      body.set('_csrf', csrf ?? (await ada.token(page)))
      for (const [name, value] of Object.entries({ ...full, ...more })) body.set(name, value)
      body.set('picture', new Blob([new Uint8Array(file)], { type: 'image/png' }), 'ada.png')
      return ada.request(page, { method: 'POST', body, headers: { origin: app.url } })
    }

    it('has a picture, served as what it is', async () => {
      for (const [sample, type] of [
        ['png', 'image/png'],
        ['jpeg', 'image/jpeg'],
        ['webp', 'image/webp'],
      ] as const) {
        expect((await upload(samplePicture(sample))).status).to.equal(303)
        const address = `/pictures/${(await app.accounts.find(id))?.picture}`
        expect((await ada.get(page)).html).to.include(address)
        const picture = await fetch(`${app.url}${address}`)
        expect(Object.fromEntries(picture.headers)).to.include({
          'content-type': type,
          'x-content-type-options': 'nosniff',
          'cache-control': 'public, max-age=31536000, immutable',
          'cross-origin-resource-policy': 'cross-origin',
        })
      }
    })

    it('has no picture that is a program, too large, or not sent from its page', async () => {
      const before = (await app.accounts.find(id))?.picture
      const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
      for (const file of [svg, Buffer.from('GIF89a'), Buffer.alloc(512 * 1024 + 1), Buffer.alloc(0)]) {
        const refused = await upload(file)
        expect(refused.status).to.equal(422)
        const html = await refused.text()
        expect(html)
          .to.match(/id="f-picture-wrong">/)
          .and.include('value="Oberhuber-Rossi"')
      }
      expect((await upload(samplePicture('png'), 'forged')).status).to.equal(403)
      expect((await app.accounts.find(id))?.picture).to.equal(before)
    })

    it('loses nothing that was typed beside a picture, whether or not it will do', async () => {
      const typed = { firstName: 'Adelina', phone: '' }
      for (const bytes of [512 * 1024 + 1, 3_000_000]) {
        const refused = await upload(Buffer.alloc(bytes), undefined, typed)
        expect([refused.status, await refused.text()].join()).to.match(/^422,.*value="Adelina"/s)
      }
      expect((await app.accounts.find(id))?.firstName).to.equal('Ada')
      const before = (await app.accounts.find(id))?.picture
      expect((await upload(samplePicture('webp'), undefined, typed)).status).to.equal(303)
      const after = await app.accounts.find(id)
      expect(after?.firstName).to.equal('Adelina')
      expect(after?.picture).to.be.a('string').and.not.equal(before)
      // And without one, it stays.
      await ada.fill(page, page, full)
      expect((await app.accounts.find(id))?.picture).to.equal(after?.picture)
    })

    it('gives the picture up', async () => {
      const address = `/pictures/${(await app.accounts.find(id))?.picture}`
      await ada.fill(page, page, { ...full, removePicture: 'yes' })
      expect((await app.accounts.find(id))?.picture).to.equal(undefined)
      expect((await fetch(`${app.url}${address}`)).status).to.equal(404)
      expect((await fetch(`${app.url}/pictures/..%2f..%2fetc`)).status).to.equal(404)
    })
  })
}
