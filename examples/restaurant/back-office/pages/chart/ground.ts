/** The lines and the words behind a drawing: the scale at the left, the labels below. */
import { type Html, html } from '../../../web/html.ts'
import type { Canvas, ChartOptions } from './figure.ts'
import { labelled, niceTicks, place } from './scale.ts'

export interface Ground {
  left: number
  right: number
  top: number
  bottom: number
  /** The height at which a value stands. */
  y(value: number): number
  lines: Html
}

/** Room above the highest line for a label at the peak, below the lowest for the labels. */
const TOP = 24
const BELOW = 28
/** About as wide as one figure at the drawing's 12 units. */
const DIGIT = 7

export function ground(o: ChartOptions, canvas: Canvas): Ground {
  const short = o.formatShort ?? o.format
  const ticks = niceTicks(Math.max(0, ...o.points.map(({ value }) => value)))
  const highest = ticks.at(-1) || 1
  const left = Math.max(...ticks.map((tick) => short(tick).length)) * DIGIT + 10
  const bottom = canvas.height - BELOW
  const right = canvas.width - 8
  const y = (value: number) => place(bottom - ((bottom - TOP) * value) / highest)
  const lines = html`${ticks.map(
    (
      tick,
    ) => html`<line class="${tick === 0 ? 'base' : 'ruler'}" x1="${left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}"/>
      <text class="axis" x="${left - 8}" y="${y(tick) + 4}" text-anchor="end">${short(tick)}</text>`,
  )}`
  return { left, right, top: TOP, bottom, y, lines }
}

/** The labels below, each at the middle of its place and never out of the drawing. */
export function labels(
  o: ChartOptions,
  canvas: Canvas,
  middle: (index: number) => number,
  room = canvas.room,
): Html {
  const last = o.points.length - 1
  return html`${labelled(o.points.length, room).map((index) => {
    const x = middle(index)
    const half = ((o.points[index]?.label.length ?? 0) * DIGIT) / 2
    const anchor = index === last && x + half > canvas.width ? 'end' : 'middle'
    return html`<text class="axis" x="${place(anchor === 'end' ? canvas.width - 2 : x)}" y="${canvas.height - 8}" text-anchor="${anchor}">${o.points[index]?.label}</text>`
  })}`
}
