/** The collections that the contract of the store is proved with. */
import { z } from 'zod'
import { defineCollection } from '../../src/storage/storage.ts'

/** Every kind of field; `set` keeps tests that share one store apart. */
export const things = defineCollection({
  name: 'things',
  schema: z.object({
    _id: z.string(),
    set: z.string().optional(),
    email: z.string().optional(),
    realm: z.string().optional(),
    slot: z.number().optional(),
    n: z.number().optional(),
    title: z.string().optional(),
    on: z.boolean().optional(),
    at: z.date().optional(),
    remark: z.string().nullable().optional(),
    place: z
      .object({ city: z.string().optional(), since: z.date().optional(), floor: z.number().optional() })
      .optional(),
    tags: z.array(z.string()).optional(),
    dates: z.array(z.date()).optional(),
    parts: z
      .array(z.object({ id: z.string(), n: z.number().optional(), at: z.date().optional() }))
      .optional(),
    visits: z.record(z.string(), z.date()).optional(),
    counts: z.record(z.string(), z.number()).optional(),
    proof: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('seen'), at: z.date() }),
        z.object({ kind: z.literal('told'), at: z.string() }),
      ])
      .optional(),
    free: z.unknown().optional(),
  }),
  unique: [['email'], ['realm', 'slot']],
  index: [['set', 'n'], ['set', 'title'], ['place.city'], ['tags'], ['parts.id']],
})

/** Documents that expire. */
export const passes = defineCollection({
  name: 'passes',
  schema: z.object({
    _id: z.string(),
    set: z.string().optional(),
    code: z.string().optional(),
    n: z.number().optional(),
    until: z.date().optional(),
  }),
  unique: [['code']],
  index: [['set']],
  expires: 'until',
})

/** Watched documents. */
export const signals = defineCollection({
  name: 'signals',
  schema: z.object({ _id: z.string(), n: z.number(), at: z.date().optional() }),
  watched: true,
})

export const contractCollections = [things, passes, signals]

export type Thing = z.infer<typeof things.schema>
export type Pass = z.infer<typeof passes.schema>
export type Signal = z.infer<typeof signals.schema>
