/** Reports whether a scope lets what it gives outlive the session (OpenID Connect Core 1.0 §11). */
export function isOffline(scope: string | undefined): boolean {
  return scope?.split(' ').includes('offline_access') === true
}
