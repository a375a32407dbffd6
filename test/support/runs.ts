/** How often a property is tried: in the quick tests a fifth of `many`. */
export const runs = (many: number): number => (process.env.QUICK === '1' ? Math.ceil(many / 5) : many)
