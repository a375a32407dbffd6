/**
 * `npm run demo:board -- http://localhost:3000`: a board above the counter, which has neither
 * keyboard nor browser. It shows a code, and somebody signs it in from their phone (RFC 8628).
 */
import * as oidc from 'openid-client'

const issuer = new URL(process.argv[2] ?? 'http://localhost:3000')
const config = await oidc.discovery(issuer, 'menu-board', undefined, oidc.None(), {
  // Plain HTTP is for a provider on your own machine; anything else must be HTTPS.
  execute: issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
})
const device = await oidc.initiateDeviceAuthorization(config, { scope: 'openid profile email' })
console.log(`Open ${device.verification_uri_complete ?? device.verification_uri}`)
console.log(`and compare the code: ${device.user_code}`)

try {
  const tokens = await oidc.pollDeviceAuthorizationGrant(config, device)
  const { name, email } = await oidc.fetchUserInfo(config, tokens.access_token, oidc.skipSubjectCheck)
  console.log(`The board is signed in: ${name ?? email}`)
} catch (error) {
  if (!(error instanceof oidc.ResponseBodyError)) throw error
  console.error(`The board is not signed in: ${error.error_description ?? error.error}`)
  process.exitCode = 1
}
