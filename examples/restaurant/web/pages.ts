/** The pages of a restaurant app. No scripts: everything is a link or a form. */
import { type Html, html } from './html.ts'
import type { Session } from './sessions.ts'
import { peek } from './sign-in.ts'

export interface Place {
  /** Shown as title: "Bella Napoli – Kitchen display". */
  name: string
  /** Role to what it may do here; a role that is not named has nothing to do here. */
  duties: Record<string, readonly string[]>
  issuer: string
  neighbours: readonly { name: string; url: string }[]
}

function layout(place: Place, title: string, body: Html): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · ${place.name}</title>
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <header><img src="/icon.svg" alt="" width="32" height="32"><span>${place.name}</span></header>
  <main>${body}</main>
</body>
</html>`
  return page.html
}

/** A page that says one thing and offers one next step. */
export function messagePage(
  place: Place,
  o: { title: string; text: string; href: string; action: string },
): string {
  const body = html`
    <h1>${o.title}</h1>
    <p>${o.text}</p>
    <p><a class="button" href="${o.href}">${o.action}</a></p>`
  return layout(place, o.title, body)
}

export function signedOutPage(place: Place): string {
  return messagePage(place, {
    title: 'Welcome',
    text: 'Sign in to see what is on your plate today.',
    href: '/sign-in',
    action: 'Sign in',
  })
}

export function homePage(place: Place, session: Session): string {
  const { tokens, profile } = session
  const roles = rolesOf(session)
  const name = profile.name ?? profile.email ?? 'you'
  const title = `Good to see you, ${profile.given_name ?? name}`
  const body = html`
    <h1>${title}</h1>
    <p class="who">Signed in as <strong>${name}</strong>${profile.email ? html` (${profile.email})` : ''}
      ${roles.map((role) => html`<span class="role">${role}</span>`)}</p>
    ${roles.length ? roles.map((role) => duties(place, role)) : noRole()}
    <section>
      <h2>Where to next</h2>
      <ul class="links">
        ${place.neighbours.map((n) => html`<li><a href="${n.url}/sign-in">${n.name}</a> <small>no second password</small></li>`)}
        <li><a href="${place.issuer}/account">Your account</a> <small>password, second factor, sessions</small></li>
      </ul>
    </section>
    <section>
      <h2>What the provider says about you</h2>
      ${claimsPanel('ID token', 'tells this app who signed in, when and how', tokens.claims)}
      ${claimsPanel('Access token', 'what this app shows to the restaurant’s API; only the API decides on it', peek(tokens.accessToken))}
    </section>
    <section class="leave">
      <form method="post" action="/sign-out"><button class="quiet">Sign out</button>
        <small>of this app only</small></form>
      <form method="post" action="/sign-out-everywhere"><button class="quiet">Sign out everywhere</button>
        <small>of all apps on this device</small></form>
    </section>`
  return layout(place, title, body)
}

/** The `roles` claim comes with the scope `roles`, in the ID token and at userinfo. */
function rolesOf({ tokens, profile }: Session): string[] {
  const claim = tokens.claims.roles ?? profile.roles
  return Array.isArray(claim) ? claim.filter((role) => typeof role === 'string') : []
}

function duties(place: Place, role: string): Html {
  const list = place.duties[role]
  if (!list) return html`<p>There is nothing to do here for the role <strong>${role}</strong>.</p>`
  return html`<section>
    <h2>As ${role} you may</h2>
    <ul>${list.map((duty) => html`<li>${duty}</li>`)}</ul>
  </section>`
}

function noRole(): Html {
  return html`<p>You have no role in the restaurant yet. Ask the owner or a manager to give you one.</p>`
}

function claimsPanel(title: string, purpose: string, claims: Record<string, unknown>): Html {
  return html`<details>
    <summary>${title} <small>${purpose}</small></summary>
    <dl>${Object.entries(claims).map(([name, value]) => html`<dt>${name}</dt><dd>${readable(name, value)}</dd>`)}</dl>
  </details>`
}

const TIMES = new Set(['iat', 'exp', 'nbf', 'auth_time', 'updated_at'])

function readable(name: string, value: unknown): string {
  if (TIMES.has(name) && typeof value === 'number')
    return new Date(value * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC')
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
