/** The installation's look as files: the strict CSP leaves a style sheet no other way to a configured colour. */
import type { Config } from '../config.ts'

type Brand = Config['brand']

/** Sets the two tokens of `public/tokens.css` that a brand sets; the rest follows from them there. */
export function themeOf({ color, contrast }: Brand): string {
  return `:root { --brand: ${color}; --brand-contrast: ${contrast ?? readableOn(color)} }\n`
}

/** A door in the brand's colour, where a brand has no logo. */
export function faviconOf({ color, contrast }: Brand): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="${color}" d="M4 30V14a12 12 0 0 1 24 0v16a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2Z"/><circle cx="22" cy="19" r="2.2" fill="${contrast ?? readableOn(color)}"/></svg>`
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
