/**
 * What is around every chart: its heading, the drawing for wide and for narrow screens, and the same numbers
 * as a table for those who cannot see a drawing or want the figures. Drawings are SVG from the server and
 * coloured by classes, so that they follow light and dark and need no script.
 */
import { type Html, html } from '../../../web/html.ts'

export interface Point {
  /** Under the drawing: "Mon", "12 Nov". */
  label: string
  /** In the table and beside the pointer: "Monday 12 November". */
  name: string
  value: number
}

export interface ChartOptions {
  /** Unique on the page; ids of the drawing's parts begin with it. */
  id: string
  title: string
  /** One sentence that says what the drawing shows to who cannot see it. */
  description: string
  points: readonly Point[]
  /** A value in full: "€1,234.50". */
  format(value: number): string
  /** A value at the edge, where there is little room; default `format`. */
  formatShort?(value: number): string
  /** The columns of the table: "Day", "Sales". */
  columns: readonly [string, string]
  /** Beside the heading: a download, a way to more. */
  action?: Html
}

/** The measures of one drawing. */
export interface Canvas {
  width: number
  height: number
  /** How many labels stand side by side. */
  room: number
  /** Makes ids unique: both drawings are in the page. */
  id: string
}

/** Text in a drawing shrinks with it: a phone gets a drawing of its own in place of a small copy. */
const WIDE = { width: 760, height: 260, room: 8 }
const NARROW = { width: 340, height: 220, room: 4 }

export function chartFigure(o: ChartOptions, draw: (canvas: Canvas) => Html): Html {
  return html`<figure class="chart" aria-labelledby="${o.id}-heading">
    <figcaption class="head"><h2 id="${o.id}-heading">${o.title}</h2>${o.action ?? ''}</figcaption>
    <div class="drawing wide">${frame(o, { ...WIDE, id: `${o.id}-wide` }, draw)}</div>
    <div class="drawing narrow">${frame(o, { ...NARROW, id: `${o.id}-narrow` }, draw)}</div>
    <details class="numbers">
      <summary>Show the numbers</summary>
      <div class="scroll" role="region" aria-label="${o.title}: the numbers" tabindex="0">
        <table class="figures">
          <thead><tr><th scope="col">${o.columns[0]}</th><th scope="col" class="number">${o.columns[1]}</th></tr></thead>
          <tbody>${o.points.map(
            ({ name, value }) =>
              html`<tr><th scope="row">${name}</th><td class="number">${o.format(value)}</td></tr>`,
          )}</tbody>
        </table>
      </div>
    </details>
  </figure>`
}

function frame(o: ChartOptions, canvas: Canvas, draw: (canvas: Canvas) => Html): Html {
  return html`<svg viewBox="0 0 ${canvas.width} ${canvas.height}" role="img" aria-labelledby="${canvas.id}-t ${canvas.id}-d">
      <title id="${canvas.id}-t">${o.title}</title>
      <desc id="${canvas.id}-d">${o.description}</desc>
      ${draw(canvas)}
    </svg>`
}
