/** A line over time: what rose, what fell, and where the peak was. */
import { type Html, html } from '../../../web/html.ts'
import { type Canvas, type ChartOptions, chartFigure } from './figure.ts'
import { ground, labels } from './ground.ts'
import { place } from './scale.ts'

export function lineChart(o: ChartOptions): Html {
  return chartFigure(o, (canvas) => draw(o, canvas))
}

function draw(o: ChartOptions, canvas: Canvas): Html {
  const { left, right, top, bottom, y, lines } = ground(o, canvas)
  const gaps = Math.max(1, o.points.length - 1)
  const step = (right - left) / gaps
  const x = (index: number) => place(o.points.length === 1 ? (left + right) / 2 : left + index * step)
  const path = o.points.map(({ value }, index) => `${x(index)},${y(value)}`).join(' ')
  const peak = o.points.reduce(
    (best, { value }, index) => (value > (o.points[best]?.value ?? 0) ? index : best),
    0,
  )
  const highest = o.points[peak]
  return html`${lines}
    ${o.points.length > 1 ? html`<polygon class="area" points="${x(0)},${bottom} ${path} ${x(gaps)},${bottom}"/>` : ''}
    <polyline class="line" points="${path}"/>
    ${highest && highest.value > 0 ? peakLabel(x(peak), y(highest.value), o.format(highest.value), left, right) : ''}
    ${labels(o, canvas, x)}
    ${o.points.map(
      ({ name, value }, index) => html`<g class="spot"><title>${name}: ${o.format(value)}</title>
        <rect class="catch" x="${place(x(index) - step / 2)}" y="${top}" width="${place(step)}" height="${bottom - top}"/>
        <line class="guide" x1="${x(index)}" x2="${x(index)}" y1="${top}" y2="${bottom}"/>
        <circle class="dot" cx="${x(index)}" cy="${y(value)}" r="4"/></g>`,
    )}`
}

function peakLabel(x: number, y: number, text: string, left: number, right: number): Html {
  const half = text.length * 3.8
  const middle = Math.min(Math.max(x, left + half), right - half)
  return html`<circle class="peak" cx="${x}" cy="${y}" r="4"/>
    <text class="value" x="${place(middle)}" y="${place(y - 10)}" text-anchor="middle">${text}</text>`
}
