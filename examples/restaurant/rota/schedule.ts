/**
 * Who works when. As many shifts as can be found somebody for, nobody in two places at once, and the hours spread as
 * evenly as moving single shifts can make them. The same question has the same answer.
 */
import type { Person, Question, Schedule, Shift } from './question.ts'
import { fits, freeTime, overlap, type Span, spanOf } from './spans.ts'

interface Slot extends Span {
  shift: Shift
  /** Who has the job and the time. */
  able: Person[]
  person?: Person
}

export function schedule({ people, shifts }: Question): Schedule {
  const free = new Map(people.map((person) => [person, freeTime(person)]))
  const slots: Slot[] = shifts.map((shift) => ({
    shift,
    ...spanOf(shift),
    able: people.filter((person) => person.job === shift.job && fits(shift, free.get(person) ?? [])),
  }))
  const duties = new Map(people.map((person) => [person, new Set<Slot>()]))

  const dutiesOf = (person: Person) => [...(duties.get(person) ?? [])]
  const lengthOf = (slot: Span) => slot.end - slot.start
  const loadOf = (person: Person) => dutiesOf(person).reduce((sum, slot) => sum + lengthOf(slot), 0)
  const inTheWay = (person: Person, slot: Slot) => dutiesOf(person).filter((other) => overlap(other, slot))

  function give(slot: Slot, person: Person): void {
    if (slot.person) duties.get(slot.person)?.delete(slot)
    slot.person = person
    duties.get(person)?.add(slot)
  }

  /** Finds somebody, if need be by moving others: a way through the graph of shifts and people (Kuhn 1955). */
  function fill(slot: Slot, tried: Set<Person>): boolean {
    const byLoad = slot.able.filter((person) => !tried.has(person)).sort((a, b) => loadOf(a) - loadOf(b))
    const free = byLoad.find((person) => inTheWay(person, slot).length === 0)
    if (free) {
      give(slot, free)
      return true
    }
    for (const person of byLoad) {
      const [other, ...more] = inTheWay(person, slot)
      if (!other || more.length > 0 || tried.has(person)) continue
      tried.add(person)
      if (!fill(other, tried)) continue
      // What moved to make room may now lie in the way itself.
      if (inTheWay(person, slot).length > 0) continue
      give(slot, person)
      return true
    }
    return false
  }

  /** Moves shifts to people with fewer hours, where that brings the two nearer to each other. Returns whether it could. */
  function level(): boolean {
    let moved = false
    for (const slot of slots) {
      const { person } = slot
      if (!person) continue
      const load = loadOf(person)
      const fairer = slot.able.find(
        (other) => loadOf(other) + lengthOf(slot) < load && inTheWay(other, slot).length === 0,
      )
      if (fairer) give(slot, fairer)
      moved ||= fairer !== undefined
    }
    return moved
  }

  // Those that few can take come first, while everybody is still free.
  const hardestFirst = [...slots].sort((a, b) => a.able.length - b.able.length || a.start - b.start)
  for (const slot of hardestFirst) fill(slot, new Set())
  // It ends: the sum of the squares of all hours falls with every move.
  while (level());

  return {
    assignments: slots.flatMap(({ shift, person }) =>
      person ? [{ shift: shift.id, staff: person.id }] : [],
    ),
    unfilled: slots.filter(({ person }) => !person).map(({ shift }) => shift.id),
  }
}
