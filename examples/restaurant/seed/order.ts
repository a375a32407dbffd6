/** What a table has eaten and drunk. */
import type { Transaction } from '../back-office/documents.ts'
import { likingOf, menu, productId } from './menu.ts'
import type { Random } from './random.ts'

type Lines = Transaction['lines']

/** A category, and how much of it every guest has. */
const courses = [
  ['Starters', 0.4],
  ['Pizza', 0.7],
  ['Pasta', 0.3],
  ['Mains', 0.1],
  ['Desserts', 0.35],
  ['Drinks', 1.1],
] as const

/** @param o.appetite how many guests eat, or how many it looks like */
export function orderOf(
  random: Random,
  { restaurant, day, appetite }: { restaurant: string; day: string; appetite: number },
): Lines {
  const month = Number(day.slice(5, 7))
  const ordered = new Map<string, Lines[number]>()
  const order = (dish: (typeof menu)[number]) => {
    const product = productId(restaurant, dish)
    const quantity = (ordered.get(product)?.quantity ?? 0) + 1
    ordered.set(product, { product, name: dish.name, quantity, amount: dish.amount })
  }
  for (const [category, each] of courses) {
    const wanted = appetite * each
    const count = Math.floor(wanted) + (random.chance(wanted % 1) ? 1 : 0)
    const dishes = menu.filter((dish) => dish.category === category)
    for (let n = 0; n < count; n += 1) order(random.pickBy(dishes, (dish) => likingOf(dish, month)))
  }
  // Nobody leaves with an empty bill.
  if (ordered.size === 0) order(random.pick(menu.filter(({ category }) => category === 'Drinks')))
  return [...ordered.values()]
}

export function totalOf(lines: Lines): number {
  return lines.reduce((sum, { quantity, amount }) => sum + quantity * amount, 0)
}
