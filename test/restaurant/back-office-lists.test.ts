import { expect } from 'chai'
import { type ApiAnswer, type BackOfficeHouse, openBackOffice } from '../support/back-office.ts'
import { engines } from '../support/engines.ts'

const guests = [
  ['Àngela', 'Bruni', 'angela@guests.example'],
  ['Ben', 'Bruni', undefined],
  ['Carlo', 'De Luca', 'cdl@guests.example'],
  ['Dora', 'Bianchi', undefined],
  ['Ezio', 'Abate', 'ezio@guests.example'],
] as const

for (const engine of engines()) {
  describe(`SB-2 RF-5 lists of the back office (${engine.name})`, function () {
    this.timeout(30_000)
    let house: BackOfficeHouse
    let call: BackOfficeHouse['call']

    before(async () => {
      house = await openBackOffice(engine)
      call = house.call
      for (const [firstName, lastName, email] of guests)
        await call('ada', 'POST', '/customers', { body: { firstName, lastName, email } })
      for (const name of ['Pizza Margherita', 'Pizza Marinara', 'Tiramisù'])
        await call('ada', 'POST', '/products', { body: { name, amount: 800, category: name.split(' ')[0] } })
    })
    after(() => house?.stop())

    const names = ({ body }: ApiAnswer) =>
      body.items.map(({ firstName, name }: Record<string, string>) => firstName ?? name)

    it('come page by page, in order, each once', async () => {
      const seen: string[] = []
      let path = '/customers?limit=2'
      for (;;) {
        const page = await call('carla', 'GET', path)
        seen.push(...names(page))
        if (!page.body.next) break
        expect(page.body.items).to.have.length(2)
        path = `/customers?limit=2&after=${page.body.next}`
      }
      expect(seen).to.have.length(5)
      expect(seen.slice(0, 2)).to.deep.equal(['Ezio', 'Dora'])
      expect(seen.slice(2, 4).sort()).to.deep.equal(['Ben', 'Àngela'])
      expect(seen[4]).to.equal('Carlo')
    })

    const searches: [q: string, found: string[]][] = [
      ['bru', ['Ben', 'Àngela']],
      ['ANGELA', ['Àngela']],
      ['bruni b', ['Ben']],
      ['de luca', ['Carlo']],
      ['luca', []],
      ['cdl@', ['Carlo']],
      ['.*', []],
      ['%', []],
      ['$where', []],
    ]
    for (const [q, found] of searches)
      it(`are searched by the beginning of a name or an email: ${q}`, async () => {
        const page = await call('carla', 'GET', `/customers?q=${encodeURIComponent(q)}`)
        expect(names(page).sort()).to.deep.equal(found)
      })

    it('find a product by any of its words', async () => {
      expect(names(await call('carla', 'GET', '/products?q=marg'))).to.deep.equal(['Pizza Margherita'])
      expect(names(await call('carla', 'GET', '/products?q=tiramisu'))).to.deep.equal(['Tiramisù'])
      const both = await call('carla', 'GET', '/products?q=pizza%20mar&category=Pizza')
      expect(names(both)).to.deep.equal(['Pizza Margherita', 'Pizza Marinara'])
    })

    it('are filtered', async () => {
      const job = await call('carla', 'GET', '/staff?job=waiter&active=true')
      expect(names(job)).to.deep.equal(['Carla'])
      expect(names(await call('carla', 'GET', '/staff?active=false'))).to.deep.equal([])
    })

    const wrong: [query: string, field: string][] = [
      ['limit=0', 'limit'],
      ['limit=101', 'limit'],
      ['limit=ten', 'limit'],
      ['limit=2&limit=3', 'limit'],
      ['after=x', 'after'],
      ['after=WyJuYW1lIiwiYSIsImIiXQ', 'after'],
      ['q=', 'q'],
      ['qq=a', 'qq'],
    ]
    for (const [query, field] of wrong)
      it(`refuse ${query}, naming the parameter`, async () => {
        const answer = await call('carla', 'GET', `/customers?${query}`)
        expect(answer.status).to.equal(422)
        expect(answer.body.errors.map((error: { field: string }) => error.field)).to.deep.equal([field])
      })

    it('tell everybody which restaurants there are', async () => {
      const { body } = await call('dario', 'GET', '/restaurants')
      expect(body.items.map(({ city }: { city: string }) => city)).to.deep.equal(['Napoli', 'Roma'])
    })
  })
}
