/**
 * A unit for `fc.string`, for properties of any text. What fast-check has for that, `binary`, first spends more
 * than a second on a table of all code points.
 */
import fc from 'fast-check'

export const anyCodePoint = fc
  .oneof(fc.nat({ max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code))
