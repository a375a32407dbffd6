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

/** @throws InvalidRequest: the library looks no deeper than the members `userinfo` and `id_token`. */
export async function assertClaims(_ctx: unknown, claims: unknown): Promise<void> {
  if (!parameter.safeParse(claims).success) throw new errors.InvalidRequest('claims parameter is malformed')
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
