/** What a restaurant of the chain sells, how much of it, and when. */
import type { Product } from '../back-office/documents.ts'
import { searchWords } from '../back-office/search-terms.ts'

interface Dish {
  slug: string
  name: string
  category: string
  /** In cents. */
  amount: number
  /** How often it is ordered beside the others of its category. */
  liking: number
  season?: 'summer' | 'winter'
}

const dish = (
  category: string,
  slug: string,
  name: string,
  amount: number,
  liking: number,
  season?: Dish['season'],
): Dish => ({ category, slug, name, amount, liking, ...(season && { season }) })

export const menu: readonly Dish[] = [
  dish('Starters', 'bruschetta', 'Bruschetta', 650, 5),
  dish('Starters', 'caprese', 'Caprese', 890, 4, 'summer'),
  dish('Starters', 'zuppa', 'Zuppa di fagioli', 780, 3, 'winter'),
  dish('Starters', 'fritto', 'Fritto misto', 1_150, 2),
  dish('Pizza', 'margherita', 'Pizza Margherita', 890, 9),
  dish('Pizza', 'marinara', 'Pizza Marinara', 780, 4),
  dish('Pizza', 'diavola', 'Pizza Diavola', 1_090, 6),
  dish('Pizza', 'quattro-formaggi', 'Pizza Quattro Formaggi', 1_190, 4),
  dish('Pizza', 'bufala', 'Pizza Bufala', 1_290, 3),
  dish('Pasta', 'pomodoro', 'Spaghetti al pomodoro', 990, 5),
  dish('Pasta', 'vongole', 'Linguine alle vongole', 1_590, 3, 'summer'),
  dish('Pasta', 'ragu', 'Paccheri al ragù', 1_390, 4, 'winter'),
  dish('Pasta', 'gnocchi', 'Gnocchi alla sorrentina', 1_250, 3),
  dish('Mains', 'orata', 'Orata al forno', 2_190, 2),
  dish('Mains', 'tagliata', 'Tagliata di manzo', 2_390, 2),
  dish('Desserts', 'tiramisu', 'Tiramisù', 650, 6),
  dish('Desserts', 'gelato', 'Gelato', 490, 5, 'summer'),
  dish('Desserts', 'baba', 'Babà al rum', 590, 2),
  dish('Drinks', 'water', 'Water', 290, 8),
  dish('Drinks', 'wine', 'House wine', 550, 6),
  dish('Drinks', 'beer', 'Beer', 490, 4),
  dish('Drinks', 'espresso', 'Espresso', 180, 7),
]

export const productId = (restaurant: string, { slug }: Dish): string => `${restaurant}-${slug}`

export function productsOf(restaurant: string): Product[] {
  return menu.map((one) => ({
    _id: productId(restaurant, one),
    restaurant,
    name: one.name,
    amount: one.amount,
    category: one.category,
    search: searchWords(one.name),
    version: 1,
  }))
}

/** How often a dish is ordered in that month (1 to 12). */
export function likingOf({ liking, season }: Dish, month: number): number {
  if (!season) return liking
  const isSummer = month >= 5 && month <= 9
  return (season === 'summer') === isSummer ? liking * 1.6 : liking * 0.4
}
