/**
 * The one password rule, for pages, API, import and demo alike (NIST SP 800-63B-4, section 3.1.1.2): length
 * and what everybody tries first. No composition rules.
 */
import { readFileSync } from 'node:fs'
import type { TextKey } from '../locale/locale.ts'

/** Characters at the ends that make a well-known password no harder to guess: `password2024!`. */
const freeAffix = 5
const shortestPiece = 3
const rows = ['qwertyuiop', 'qwertzuiop', 'azertyuiop', 'asdfghjkl', 'zxcvbnm', 'yxcvbnm', '1234567890']

/** Fewest and most code points. @param mfa whether the person is always asked for a second factor */
export function passwordLimits(mfa: boolean): { min: number; max: number } {
  return { min: mfa ? 8 : 15, max: 128 }
}

/**
 * What is wrong with a new password, or `undefined` when it is fine; its text takes `passwordLimits`.
 * @param o.mfa whether a second factor is mandatory for the account
 * @param o.context words an attacker would try here: product, application, organisation, names, the
 *   address before its `@`
 */
export function judgePassword(
  password: string,
  o: { mfa: boolean; context: readonly string[] },
): TextKey | undefined {
  const { min, max } = passwordLimits(o.mfa)
  // a code point is at most two units, and NFC makes at most three of a few rare ones into one
  if (password.length > 6 * max) return 'error.password.tooLong'
  if (!password.isWellFormed()) return 'error.field.invalid'
  const length = [...password.normalize('NFC')].length
  if (length < min) return 'error.password.tooShort'
  if (length > max) return 'error.password.tooLong'
  const folded = fold(password)
  if (isMainly(folded, contextWords(o.context))) return 'error.password.personal'
  if (isCommon(folded)) return 'error.password.common'
  return undefined
}

/** Guesses do not care for case or width. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

let loaded: ReadonlySet<string> | undefined

function commonPasswords(): ReadonlySet<string> {
  if (!loaded) {
    const lines = readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8').split('\n')
    loaded = new Set(lines.filter((line) => line !== '' && !line.startsWith('# ')))
  }
  return loaded
}

/**
 * On the list, or nothing but what is on it: few lists hold passwords of 15 characters, and people reach
 * that length by repeating or joining short ones.
 */
function isCommon(folded: string): boolean {
  if (new Set(folded).size < 5) return true
  if (isRepeated(folded)) return true
  return withoutAffixes(folded).some(isJoined)
}

/** The text, and the text without a few digits and signs around its letters. */
function withoutAffixes(folded: string): string[] {
  const core = folded.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  const isDressed = core !== folded && folded.length - core.length <= freeAffix
  return isDressed ? [folded, core] : [folded]
}

function isJoined(text: string): boolean {
  // NFKC makes up to 18 characters of one; nothing that long is on the list
  if (text.length > passwordLimits(false).max) return false
  if (isWellKnown(text)) return true
  for (let at = shortestPiece; at <= text.length - shortestPiece; at++) {
    if (isWellKnown(text.slice(0, at)) && isWellKnown(text.slice(at))) return true
  }
  return false
}

function isWellKnown(piece: string): boolean {
  return commonPasswords().has(piece) || isRun(piece)
}

/** `abcdef`, `987654`, `aaaa` or part of a keyboard's row. */
function isRun(piece: string): boolean {
  if (rows.some((row) => row.includes(piece))) return true
  const step = piece.charCodeAt(1) - piece.charCodeAt(0)
  if (Math.abs(step) > 1) return false
  for (let at = 2; at < piece.length; at++) {
    if (piece.charCodeAt(at) - piece.charCodeAt(at - 1) !== step) return false
  }
  return true
}

/** Nothing but one part, too short to be a password, again and again. */
function isRepeated(text: string): boolean {
  for (let unit = 1; unit < passwordLimits(false).min && unit <= text.length / 2; unit++) {
    if (text.length % unit === 0 && text === text.slice(0, unit).repeat(text.length / unit)) return true
  }
  return false
}

/** The words themselves and their parts, longest first: `ada.lovelace` is also `ada` and `lovelace`. */
function contextWords(context: readonly string[]): string[] {
  const folded = context.map(fold)
  const words = folded.flatMap((text) => [
    text,
    text.replace(/[^\p{L}\p{N}]+/gu, ''),
    ...text.split(/[^\p{L}\p{N}]+/u),
  ])
  return [...new Set(words)].filter((word) => word.length >= 3).sort((a, b) => b.length - a.length)
}

/** Whether, without the words, less than half of it is left, or nothing but what is common. */
function isMainly(folded: string, words: readonly string[]): boolean {
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), folded)
  if (rest === folded) return false
  return rest.length < folded.length / 2 || isJoined(rest) || new Set(rest).size < 5
}
