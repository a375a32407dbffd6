/** How strong an authentication was, as `acr` (OpenID Connect Core 1.0 §2) from `amr` (RFC 8176). */

export const acrValues = ['urn:maitred:acr:1fa', 'urn:maitred:acr:2fa'] as const

export type ACR = (typeof acrValues)[number]

export function acrOf(amr: readonly string[]): ACR {
  return amr.includes('mfa') ? 'urn:maitred:acr:2fa' : 'urn:maitred:acr:1fa'
}

/** Reports whether a request asks for two factors and would not do with one. */
export function asksForSecondFactor(wanted: readonly string[]): boolean {
  return wanted.includes('urn:maitred:acr:2fa') && !wanted.includes('urn:maitred:acr:1fa')
}
