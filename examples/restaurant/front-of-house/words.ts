/**
 * What the API's refusals mean to somebody who books a table or gives their times. Its own words are for programs, and
 * a refusal that has no words here yet gets those of its field.
 */
import type { ApiProblem } from '../web/api-client.ts'
import type { Wrongs } from '../web/field.ts'

type Words = readonly [match: RegExp, text: string][]

const MOMENT: Words = [
  [/past/, 'This is over already.'],
  [/year ahead/, 'Choose a day within a year from now.'],
  [/overlaps/, 'This overlaps with another table of yours. Leave two hours between them.'],
  [/./, 'There is no such time. Choose another.'],
]

/** By the field of the form. */
const BOOKING: Readonly<Record<string, Words>> = {
  time: MOMENT,
  guests: [[/./, 'We have tables for 1 to 20 guests.']],
  note: [[/./, 'Shorten it to 500 characters.']],
}

const TIMES: Words = [
  [/overlaps/, 'This time overlaps with another.'],
  [/./, 'Say from when until when, like 17:00 to 23:00.'],
]

const TOO_MANY = 'You have ten tables booked already. Cancel one of them before you book another.'
const NOT_NOW = 'This table cannot be booked just now. Choose another time, or another restaurant.'

/** What is wrong with a booking, by the fields of its form, which has a day and a time where the API knows moments. */
export function bookingWrongs({ code, fields }: ApiProblem): Wrongs {
  if (code === 'too-many-bookings') return new Map([['', TOO_MANY]])
  const known = [...fields].flatMap(([name, message]): [string, string][] => {
    const field = name === 'at' ? 'time' : name
    const text = textOf(BOOKING[field] ?? [], message)
    return text ? [[field, text]] : []
  })
  return new Map(known.length > 0 ? known : [['', NOT_NOW]])
}

/** What is wrong with one time of somebody's week. */
export function timeWrong(message: string): string {
  return textOf(TIMES, message) ?? message
}

function textOf(words: Words, message: string): string | undefined {
  return words.find(([match]) => match.test(message))?.[1]
}
