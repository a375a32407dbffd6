/** What the demo says: where to click, and with what. */
import { createInterface } from 'node:readline'
import { generateSync } from 'otplib'
import type { StateDocument } from '../admin/admin.ts'
import type { Terminal } from './terminal.ts'

type People = StateDocument['people']

export function demoGuide(o: {
  issuer: string
  /** What each is for, and as whom to look at it. */
  apps: { name: string; url: string; hint: string }[]
  people: People
  /** What makes everything as it was at first. */
  anew: string
}): string {
  const places = [
    ...o.apps.map(({ name, url, hint }) => [url, name, hint]),
    [`${o.issuer}/account`, "One's own account", 'anybody'],
    [`${o.issuer}/dev/mail`, 'The mails that were sent', 'letters to everybody, also from the back office'],
  ]
  const people = o.people.map(({ email, password, roles, totp }) => [
    email ?? '',
    password ?? '',
    `${roles?.join(', ') ?? ''}${totp ? `, second factor ${grouped(totp)}` : ''}`,
  ])
  const lines = ['', 'Maitred is ready. Click on', ...table(places), '', 'and sign in as', ...table(people)]
  lines.push(
    '',
    `These are the first addresses and passwords; who changes theirs keeps the new ones. ${o.anew} begins anew.`,
  )
  const hint = 'The second factor is a secret for an authenticator app'
  lines.push('', `${hint}${process.stdin.isTTY ? '; press Enter for its code of this moment.' : '.'}`)
  lines.push('', 'A device without keyboard and browser, which somebody signs in from elsewhere:')
  lines.push(`  npm run demo:board -- ${o.issuer}`)
  lines.push('', 'Ctrl+C ends it all.', '')
  return lines.join('\n')
}

/** Answers each Enter with the codes of this moment, for who has no authenticator at hand. */
export function secondFactorCodes(terminal: Terminal, people: People): { stop(): void } {
  const input = createInterface({ input: process.stdin })
  input.on('line', () => {
    for (const { email, totp } of people) {
      if (totp) terminal.out(`${email}: ${generateSync({ secret: totp })}`)
    }
  })
  return { stop: () => input.close() }
}

const grouped = (secret: string) => secret.replaceAll(/.{4}(?=.)/g, '$& ')

function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}`.trimEnd(),
  )
}
