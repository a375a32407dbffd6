/**
 * Signing in through an OpenID Provider: the part to copy into your own app.
 *
 * It speaks the protocol and keeps nothing. Who is signed in, and for how long, is the business of
 * `sessions.ts`; cookies are the business of `session-keeper.ts`.
 */
import { createRemoteJWKSet, decodeJwt, type JWTPayload, customFetch as joseFetch, jwtVerify } from 'jose'
import * as oidc from 'openid-client'

/** What must be remembered between sending the browser away and seeing it again. */
export interface Pending {
  state: string
  nonce: string
  codeVerifier: string
  /** The page of the app that the person wanted. */
  returnTo: string
}

/** What the provider gave for one sign-in. It stays on the server: no browser ever sees it. */
export interface Tokens {
  accessToken: string
  idToken: string
  refreshToken: string | undefined
  /** When the access token ends, in milliseconds since 1970. */
  expiresAt: number
  /** The ID token's claims: who signed in, when and how. */
  claims: oidc.IDToken
}

export interface SignInOptions {
  issuer: string
  clientId: string
  clientSecret?: string
  redirectUri: string
  postLogoutRedirectUri: string
  /** What the app wants to know; default: who it is, and their roles. */
  scope?: string
  /** The API that access tokens are to be for (RFC 8707); default: what the provider has noted for the app. */
  api?: string
  now?: () => Date
  fetch?: typeof globalThis.fetch
}

export type SignIn = Awaited<ReturnType<typeof createSignIn>>

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** Learns the provider's endpoints from its discovery document. @throws when it does not answer */
export async function createSignIn(o: SignInOptions) {
  const { fetch = globalThis.fetch, now = () => new Date() } = o
  const issuer = new URL(o.issuer)
  const config = await oidc.discovery(
    issuer,
    o.clientId,
    undefined,
    o.clientSecret ? oidc.ClientSecretBasic(o.clientSecret) : oidc.None(),
    {
      [oidc.customFetch]: (url, init) => fetch(url, init as RequestInit),
      timeout: 10,
      // Plain HTTP is for a provider on your own machine; anything else must be HTTPS.
      execute: issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
    },
  )
  const server = config.serverMetadata()
  const keys = createRemoteJWKSet(new URL(server.jwks_uri ?? ''), {
    [joseFetch]: (url, init) => fetch(url, init),
  })

  function toTokens(answer: Awaited<ReturnType<typeof oidc.refreshTokenGrant>>, earlier?: Tokens): Tokens {
    const claims = answer.claims() ?? earlier?.claims
    if (!claims) throw new Error('the provider sent no ID token')
    return {
      accessToken: answer.access_token,
      idToken: answer.id_token ?? earlier?.idToken ?? '',
      // A rotated refresh token replaces the old one, which must never be used again.
      refreshToken: answer.refresh_token ?? earlier?.refreshToken,
      expiresAt: now().getTime() + (answer.expiresIn() ?? 0) * 1000,
      claims,
    }
  }

  return {
    /** Where to send the browser, and what to remember until it is back. */
    async begin({
      returnTo,
      signUp = false,
    }: {
      returnTo: string
      signUp?: boolean
    }): Promise<{ url: URL; pending: Pending }> {
      // state ties the answer to this browser, nonce ties the ID token to this request, and the
      // verifier (PKCE) makes a stolen code worthless to whoever stole it.
      const pending = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        codeVerifier: oidc.randomPKCECodeVerifier(),
        returnTo,
      }
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: o.redirectUri,
        scope: o.scope ?? 'openid profile email roles',
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(pending.codeVerifier),
        code_challenge_method: 'S256',
        ...(o.api && { resource: o.api }),
        // Straight to a new account (Initiating User Registration via OpenID Connect 1.0).
        ...(signUp && { prompt: 'create' }),
      })
      return { url, pending }
    },

    /** Turns the address the browser came back on into tokens. @throws when any check fails */
    async finish(callback: URL, pending: Pending): Promise<Tokens> {
      const answer = await oidc.authorizationCodeGrant(config, callback, {
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        pkceCodeVerifier: pending.codeVerifier,
      })
      return toTokens(answer)
    },

    /** New tokens without the person noticing, or `undefined` when the sign-in is over. */
    async refresh(tokens: Tokens): Promise<Tokens | undefined> {
      if (!tokens.refreshToken) return undefined
      try {
        return toTokens(await oidc.refreshTokenGrant(config, tokens.refreshToken), tokens)
      } catch (error) {
        // Signed out elsewhere, a changed password, a disabled account: the provider says the same.
        if (error instanceof oidc.ResponseBodyError && error.error === 'invalid_grant') return undefined
        throw error
      }
    },

    /** Name and email as they are now. */
    profile(tokens: Tokens): Promise<oidc.UserInfoResponse> {
      return oidc.fetchUserInfo(config, tokens.accessToken, tokens.claims.sub)
    },

    /** Ends this app's own tokens and leaves the person signed in at the provider. */
    async revoke(tokens: Tokens): Promise<void> {
      // With a refresh token go the access tokens that came from it (RFC 7009, section 2.1).
      await oidc.tokenRevocation(config, tokens.refreshToken ?? tokens.accessToken)
    },

    /** Where to send the browser to end the session at the provider, and with it in every app. */
    signOutUrl(tokens: Tokens): URL {
      return oidc.buildEndSessionUrl(config, {
        id_token_hint: tokens.idToken,
        post_logout_redirect_uri: o.postLogoutRedirectUri,
      })
    },

    /**
     * Checks what the provider posts when a session ended somewhere else
     * (OpenID Connect Back-Channel Logout 1.0, section 2.6). @throws when it is not from the provider
     */
    async readLogoutToken(token: string): Promise<{ sid?: string; sub?: string }> {
      const { payload } = await jwtVerify(token, keys, {
        issuer: server.issuer,
        audience: o.clientId,
        typ: 'logout+jwt',
        algorithms: ['RS256', 'ES256', 'EdDSA'],
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
        clockTolerance: 10,
      })
      const events = payload.events as Record<string, unknown>
      const { sub, sid } = payload as { sub?: string; sid?: string }
      if (!(LOGOUT_EVENT in events)) throw new Error('not a logout token')
      // An ID token has a nonce; refusing it here keeps the two kinds apart.
      if ('nonce' in payload) throw new Error('a logout token must not carry a nonce')
      if (!sid && !sub) throw new Error('the logout token names neither session nor person')
      return { ...(sid && { sid }), ...(sub && { sub }) }
    },
  }
}

/** What an access token says, to show it. An app never decides on it: that is the job of the API it is for. */
export function peek(accessToken: string): JWTPayload {
  return decodeJwt(accessToken)
}
