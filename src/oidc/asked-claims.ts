/** The `claims` parameter (OpenID Connect Core 1.0 §5.5): its form, and what it says of the ID token. */
import { errors } from 'oidc-provider'
import { z } from 'zod'
import type { Payload } from './request.ts'

const asked = z.record(
  z.string().max(100),
  z
    .looseObject({
      essential: z.boolean().optional(),
      value: z.unknown().optional(),
      values: z.array(z.unknown()).min(1).max(50).optional(),
    })
    .nullable(),
)

const idToken = z.looseObject({
  acr: z
    .looseObject({
      essential: z.boolean().optional(),
      value: z.string().optional(),
      values: z.array(z.string()).optional(),
    })
    .nullish(),
  sub: z.looseObject({ value: z.string().optional() }).nullish(),
})

const parameter = z.looseObject({ userinfo: asked.optional(), id_token: asked.and(idToken).optional() })

/** Beyond `{ userinfo: { claim: { values: [ … ] } } }` nothing is said; what is deeper is there to break a store. */
const DEEPEST = 6

/** @throws InvalidRequest: the library looks no deeper than the members `userinfo` and `id_token`. */
export async function assertClaims(_ctx: unknown, claims: unknown): Promise<void> {
  if (!isShallow(claims, DEEPEST) || !parameter.safeParse(claims).success)
    throw new errors.InvalidRequest('claims parameter is malformed')
}

export interface AskedOfIdToken {
  acr?: { values: readonly string[]; essential: boolean }
  sub?: string
}

/** From the parameter itself: in the library's own view `acr_values` replaces what is essential. */
export function askedOfIdToken({ claims }: Payload): AskedOfIdToken {
  const given =
    typeof claims === 'string' ? parameter.safeParse(JSON.parse(claims)).data?.id_token : undefined
  if (!given) return {}
  const { acr, sub } = given
  const values = [...(acr?.values ?? []), ...(acr?.value === undefined ? [] : [acr.value])]
  return {
    ...(values.length > 0 && { acr: { values, essential: acr?.essential === true } }),
    ...(sub?.value !== undefined && { sub: sub.value }),
  }
}

/** With names that any store can keep. */
function isShallow(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return true
  if (levels === 0) return false
  return Object.entries(value).every(
    ([name, inner]) => !/^\$|\0|^__proto__$/.test(name) && isShallow(inner, levels - 1),
  )
}
