/** The figures as lines of text. */
import type { Figures } from './measure.ts'
import type { Verdict } from './targets.ts'

const titles = ['server', 'database', 'together', 'ops/s', 'p50 ms', 'p99 ms', 'calls']

export const heading = [
  'operation'.padEnd(26),
  'who'.padEnd(8),
  ...titles.map((title) => title.padStart(9)),
].join(' ')

export function row(title: string, who: string, figures: Figures): string {
  const { server, database, perSecond, p50, p99, calls } = figures
  const cells = [
    server.toFixed(3),
    database.toFixed(3),
    (server + database).toFixed(3),
    Math.round(perSecond).toString(),
    p50.toFixed(1),
    p99.toFixed(1),
    calls === undefined ? '' : calls.toFixed(1),
  ]
  return [title.padEnd(26), who.padEnd(8), ...cells.map((cell) => cell.padStart(9))].join(' ')
}

export function verdictLine({ kind, most, against, ratio }: Verdict): string {
  const word = ratio <= most ? 'reached' : 'MISSED'
  return `  ${kind}: ${ratio.toFixed(2)} times ${against}, at most ${most}: ${word}`
}
