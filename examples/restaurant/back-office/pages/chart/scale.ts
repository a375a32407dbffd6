/** Where the lines of a chart's ground stand, and what is written at them. */

/** Round steps from 0 to the first one at or above `highest`, at most `steps` of them; of nothing 0 alone. */
export function niceTicks(highest: number, steps = 4): number[] {
  if (!(highest > 0)) return [0]
  const rough = highest / steps
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(1, power * ([1, 2, 2.5, 5, 10].find((factor) => power * factor >= rough) ?? 10))
  const count = Math.ceil(highest / step)
  return Array.from({ length: count + 1 }, (_, index) => Math.round(index * step))
}

/** Which of `count` places are labelled, so that at most `room` labels stand side by side: first and last always. */
export function labelled(count: number, room: number): number[] {
  if (count <= room) return Array.from({ length: count }, (_, index) => index)
  const gaps = room - 1
  return Array.from({ length: room }, (_, index) => Math.round((index * (count - 1)) / gaps))
}

/** A coordinate with at most one decimal: more of them only weigh. */
export function place(value: number): number {
  return Math.round(value * 10) / 10
}
