/**
 * An edit that somebody else was quicker than. What was typed is kept; what was not touched takes the newer value, so
 * that saving undoes nothing of theirs. What was there when the form was made travels in the form.
 */

/** Fields that mean something only together: a product and how many of it. */
export type Together = readonly string[]

export interface Merged {
  form: URLSearchParams
  /** Whether both changed the same field to something else. */
  collides: boolean
}

export function mergeEdit(o: {
  /** As the form was when it was made, in the form of an address' query. */
  was: string | null
  typed: URLSearchParams
  current: URLSearchParams
  together?: Together
}): Merged {
  const { typed, current, together = [] } = o
  const was = new URLSearchParams(o.was ?? '')
  const names = [...new Set([...current.keys(), ...was.keys()])]
  const groups = [together, ...names.filter((name) => !together.includes(name)).map((name) => [name])]
  const form = new URLSearchParams()
  let collides = false
  for (const group of groups) {
    const mine = valuesOf(typed, group)
    const isTouched = mine !== valuesOf(was, group)
    if (isTouched && valuesOf(current, group) !== valuesOf(was, group) && mine !== valuesOf(current, group))
      collides = true
    const source = isTouched ? typed : current
    for (const name of group) for (const value of source.getAll(name)) form.append(name, value)
  }
  return { form, collides }
}

/** Free rows of a form say nothing. */
function valuesOf(values: URLSearchParams, group: readonly string[]): string {
  return JSON.stringify(group.map((name) => values.getAll(name).filter(Boolean)))
}
