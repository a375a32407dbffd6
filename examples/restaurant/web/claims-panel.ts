/** What the provider says about who is signed in, to look at while one learns how it all fits together. */
import { type Html, html } from './html.ts'
import type { Session } from './sessions.ts'
import { peek } from './sign-in.ts'

export function claimsPanels({ tokens }: Session): Html {
  return html`<section class="card">
    <h2>What the provider says about you</h2>
    ${panel('ID token', 'tells this app who signed in, when and how', tokens.claims)}
    ${panel('Access token', 'what this app shows to the restaurant’s API; only the API decides on it', peek(tokens.accessToken))}
  </section>`
}

function panel(title: string, purpose: string, claims: Record<string, unknown>): Html {
  return html`<details>
    <summary>${title} <small>${purpose}</small></summary>
    <dl class="claims">${Object.entries(claims).map(([name, value]) => html`<dt>${name}</dt><dd>${readable(name, value)}</dd>`)}</dl>
  </details>`
}

const TIMES = new Set(['iat', 'exp', 'nbf', 'auth_time', 'updated_at'])

function readable(name: string, value: unknown): string {
  if (TIMES.has(name) && typeof value === 'number')
    return new Date(value * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC')
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
