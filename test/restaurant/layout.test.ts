import { expect } from 'chai'
import { html } from '../../examples/restaurant/web/html.ts'
import { type App, layout, type NavItem } from '../../examples/restaurant/web/layout.ts'
import type { Session } from '../../examples/restaurant/web/sessions.ts'

const places: NavItem[] = [
  { href: '/', label: 'Overview' },
  { section: 'Sales', href: '/sales', label: 'Transactions' },
  { section: 'Sales', href: '/menu', label: 'Menu' },
  { section: 'People', href: '/staff', label: 'Staff' },
]

const app: App = {
  name: 'Bella Napoli – Test',
  issuer: 'http://issuer.example',
  neighbours: [
    { name: 'Bella Napoli – Everybody', url: 'http://everybody.example' },
    { name: 'Bella Napoli – Kitchen', url: 'http://kitchen.example', roles: ['chef'] },
  ],
  nav: () => places,
}

function page(path: string, roles: string[] = []): string {
  const session = { tokens: { claims: { roles } }, profile: { name: 'Ada' }, permissions: [] }
  return layout(app, { title: 'Page', body: html``, path, session: session as unknown as Session })
}

/** The words of the list with that name, in the order of the tab key, the current place in brackets. */
function listOf(text: string, name: string): string[] {
  const list =
    new RegExp(`<ul class="${name}">([\\s\\S]*?)</ul>\\s*(?:<ul class="|</nav>)`).exec(text)?.[1] ?? ''
  const links = [...list.matchAll(/<a href="[^"]*"( aria-current="page")?>([^<]*)<\/a>/g)]
  return links.map(([, current, label = '']) => (current ? `[${label}]` : label))
}

describe('GW-10 what is around a page of the restaurant', () => {
  it('has all places on a wide page, and on a narrow one the sections and the places of one', () => {
    const menu = page('/menu/new')
    expect(listOf(menu, 'all')).to.deep.equal(['Overview', 'Transactions', '[Menu]', 'Staff'])
    // Where one place is all there is of a section, it stands there by its own name.
    expect(listOf(menu, 'sections')).to.deep.equal(['Overview', '[Sales]', 'Staff'])
    expect(listOf(menu, 'here')).to.deep.equal(['Transactions', '[Menu]'])
    expect(page('/')).to.not.include('class="here"')
  })

  it('leads to another app whoever finds something there', () => {
    expect(page('/', ['waiter']))
      .to.include('>Everybody</a>')
      .and.not.include('kitchen.example')
    expect(page('/', ['chef']))
      .to.include('>Everybody</a>')
      .and.include('http://kitchen.example/sign-in')
  })
})
