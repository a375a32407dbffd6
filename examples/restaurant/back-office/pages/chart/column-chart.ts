/** A few columns side by side, each with its value on top: the days of a week, the months of a year. */
import { type Html, html } from '../../../web/html.ts'
import { type Canvas, type ChartOptions, chartFigure } from './figure.ts'
import { ground, labels } from './ground.ts'
import { place } from './scale.ts'

export function columnChart(o: ChartOptions): Html {
  return chartFigure(o, (canvas) => draw(o, canvas))
}

function draw(o: ChartOptions, canvas: Canvas): Html {
  const { left, right, bottom, y, lines } = ground(o, canvas)
  const short = o.formatShort ?? o.format
  const step = (right - left) / Math.max(1, o.points.length)
  const width = Math.min(64, step * 0.62)
  const middle = (index: number) => place(left + (index + 0.5) * step)
  return html`${lines}
    ${o.points.map(
      ({ name, value }, index) => html`<g class="spot"><title>${name}: ${o.format(value)}</title>
        <path class="column" d="${column(middle(index) - width / 2, y(value), width, bottom - y(value))}"/>
        <text class="value" x="${middle(index)}" y="${place(y(value) - 8)}" text-anchor="middle">${short(value)}</text></g>`,
    )}
    ${labels(o, canvas, middle, o.points.length)}`
}

/** A column that stands on the base line and is round on top. */
function column(x: number, y: number, width: number, height: number): string {
  const r = Math.min(4, height, width / 2)
  return `M${place(x)} ${place(y + height)}v${place(r - height)}a${r} ${r} 0 0 1 ${r} ${-r}h${place(width - 2 * r)}a${r} ${r} 0 0 1 ${r} ${r}v${place(height - r)}z`
}
