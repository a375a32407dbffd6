/** The restaurants of the chain, by their ids. */
import type { ApiClient } from '../web/api-client.ts'
import { type Restaurant, restaurantsReader } from './answers.ts'

/** Those of the ids that there are. @throws what `api` throws */
export async function restaurantsById(
  api: ApiClient,
  ids: Iterable<string>,
): Promise<Map<string, Restaurant>> {
  const wanted = new Set(ids)
  const found = new Map<string, Restaurant>()
  let after: string | undefined
  while (found.size < wanted.size) {
    const { items, next } = await api.get('/restaurants', restaurantsReader, { limit: 100, after })
    for (const one of items) if (wanted.has(one.id)) found.set(one.id, one)
    if (!next) break
    after = next
  }
  return found
}
