/** The few colours of a mail, from the brand's one. Mail programs know neither `oklch` nor variables. */

export interface Colours {
  /** The button and the mark, on a light and on a dark ground. */
  action: string
  actionDark: string
  /** What is written on them. */
  onAction: string
  /** Links. */
  accent: string
  accentDark: string
}

const SURFACE = '#ffffff'
const SURFACE_DARK = '#1c1f1e'

/** @param color `#rgb` or `#rrggbb` */
export function mailColours({ color, contrast }: { color: string; contrast?: string | undefined }): Colours {
  const onAction = contrast ?? (ratio('#ffffff', color) >= ratio('#111111', color) ? '#ffffff' : '#111111')
  return {
    action: color,
    // A dark brand is lifted until the button stands out, but not so far that its words fade.
    actionDark: shift(color, '#ffffff', (now) => ratio(now, SURFACE_DARK) >= 2.2 || ratio(now, onAction) < 5),
    onAction,
    accent: shift(color, '#000000', (now) => ratio(now, SURFACE) >= 5),
    accentDark: shift(color, '#ffffff', (now) => ratio(now, SURFACE_DARK) >= 7),
  }
}

/** Mixes in more and more of another colour until it will do. */
function shift(color: string, towards: string, enough: (now: string) => boolean): string {
  for (let share = 0; share < 1; share += 0.04) {
    const now = mix(color, towards, share)
    if (enough(now)) return now
  }
  return towards
}

function mix(a: string, b: string, share: number): string {
  const other = channels(b)
  const mixed = channels(a).map((value, index) => value + ((other[index] ?? 0) - value) * share)
  return `#${mixed.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`
}

/** Contrast ratio, WCAG 2.2. */
function ratio(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = channels(color).map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function channels(color: string): number[] {
  const digits = color.length === 4 ? color.slice(1).replace(/./g, '$&$&') : color.slice(1)
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16))
}
