/** The installation's look as a style sheet: the strict CSP leaves no other way to a configured colour. */
import type { Config } from '../config.ts'

type Brand = Config['brand']

/** Sets the two tokens of `public/tokens.css` that a brand sets; the rest follows from them there. */
export function themeOf({ color, contrast }: Brand): string {
  return `:root { --brand: ${color}; --brand-contrast: ${contrast ?? readableOn(color)} }\n`
}

/** White or black, whichever stands out more (WCAG 2.2, relative luminance and contrast ratio). */
function readableOn(color: string): string {
  const digits = color.length === 4 ? color.replaceAll(/[\da-f]/gi, '$&$&') : color
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(digits.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? '#fff' : '#000'
}
