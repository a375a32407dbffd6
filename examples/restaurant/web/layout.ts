/** What every page of a restaurant app has around it. No scripts: everything is a link or a form. */
import { type Html, html } from './html.ts'
import type { Session } from './sessions.ts'

export interface NavItem {
  href: string
  label: string
  /** What it belongs to, where there are many: places of one section stand together. */
  section?: string
}

/** Another app. */
export interface Neighbour {
  name: string
  url: string
  /** Who finds something there; absent, everybody does. */
  roles?: readonly string[]
}

export interface App {
  /** Shown in the title and on top: "Bella Napoli – Kitchen display". */
  name: string
  issuer: string
  neighbours: readonly Neighbour[]
  /** The places of the app for who may do that. */
  nav?: (permissions: readonly string[]) => readonly NavItem[]
}

export interface Page {
  title: string
  body: Html
  /** The path of the page, which is marked in the list of places. */
  path: string
  /** Who is signed in. */
  session?: Session | undefined
}

export function layout(app: App, { title, body, path, session }: Page): string {
  const places = session ? (app.nav?.(session.permissions ?? []) ?? []) : []
  const page = html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · ${app.name}</title>
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <a class="skip" href="#main">Go to the content</a>
  <header class="top">
    <a class="brand" href="/"><img src="/icon.svg" alt="" width="32" height="32"><span>${app.name}</span></a>
    ${places.length > 0 ? navigation(places, path) : ''}
  </header>
  <main id="main">${body}</main>
  ${session ? footer(app, session) : ''}
</body>
</html>`
  return page.html
}

function navigation(places: readonly NavItem[], path: string): Html {
  const current = currentOf(places, path)
  if (places.some(({ section }) => section)) return sectioned(places, current)
  return html`<nav aria-label="Places"><ul>${placeLinks(places, current)}</ul></nav>`
}

/**
 * Two forms of which the style sheet shows one: all places under the names of their sections, for a wide page; and for
 * a narrow one the sections in a row, with the places of the one that the page is in below. Nothing is folded away.
 */
function sectioned(places: readonly NavItem[], current: string | undefined): Html {
  const sections = [...Map.groupBy(places, ({ section, href }) => section ?? href).values()]
  const here = sections.find((list) => list.some(({ href }) => href === current)) ?? []
  const tops = sections.map((list): NavItem => {
    const [{ href, label, section = label }] = list as [NavItem]
    return { href: list === here ? (current ?? href) : href, label: list.length > 1 ? section : label }
  })
  return html`<nav aria-label="Places">
    <ul class="all">${sections.map((list) =>
      list.length > 1
        ? html`<li><span>${list[0]?.section}</span><ul>${placeLinks(list, current)}</ul></li>`
        : placeLinks(list, current),
    )}</ul>
    <ul class="sections">${placeLinks(tops, current)}</ul>
    ${here.length > 1 ? html`<ul class="here">${placeLinks(here, current)}</ul>` : ''}
  </nav>`
}

function placeLinks(places: readonly NavItem[], current: string | undefined): Html[] {
  return places.map(
    ({ href, label }) =>
      html`<li><a href="${href}"${href === current ? html` aria-current="page"` : ''}>${label}</a></li>`,
  )
}

/** The place whose address the path has or begins with; the longest, when several do. */
function currentOf(places: readonly NavItem[], path: string): string | undefined {
  const around = places.filter(({ href }) => path === href || path.startsWith(`${href}/`))
  return around.sort((a, b) => b.href.length - a.href.length)[0]?.href
}

/** Who is signed in, the other apps, and the ways out. */
function footer(app: App, session: Session): Html {
  const { name, email } = session.profile
  const roles = rolesOf(session)
  const others = app.neighbours.filter((other) => other.roles?.some((role) => roles.includes(role)) ?? true)
  return html`<footer class="bottom">
    <p class="who">Signed in as <strong>${name ?? email ?? 'somebody'}</strong>${roles.map((role) => html` <span class="role">${role}</span>`)}</p>
    <ul class="elsewhere">
      ${others.map((other) => html`<li><a href="${other.url}/sign-in">${shortName(other)}</a></li>`)}
      <li><a href="${app.issuer}/account">Your account</a></li>
    </ul>
    <div class="leave">
      <form method="post" action="/sign-out"><button class="quiet">Sign out</button>
        <small>of all apps on this device</small></form>
      <form method="post" action="/leave"><button class="quiet">Leave this app</button>
        <small>and stay signed in to the others</small></form>
    </div>
  </footer>`
}

/** "Kitchen display" of "Bella Napoli – Kitchen display": among its own, an app needs no family name. */
function shortName({ name }: Neighbour): string {
  return name.split(' – ').at(-1) ?? name
}

/** The `roles` claim comes with the scope `roles`, in the ID token and at userinfo. */
export function rolesOf({ tokens, profile }: Session): string[] {
  const claim = tokens.claims.roles ?? profile.roles
  return Array.isArray(claim) ? claim.filter((role) => typeof role === 'string') : []
}

/** The body of a page that says one thing and offers one next step. */
export function messageBody(o: {
  title: string
  text: string
  href: string
  action: string
  note?: Html | undefined
}): Html {
  return html`<div class="card message">
    <h1>${o.title}</h1>
    <p>${o.text}</p>
    <p><a class="button" href="${o.href}">${o.action}</a></p>
    ${o.note}
  </div>`
}
