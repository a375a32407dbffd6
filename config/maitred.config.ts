/**
 * What Maitred is made of and how it behaves. Every key is optional and stands here with its default; what
 * differs from machine to machine (addresses, secrets, certificates) stands in the environment instead.
 */
import { defineConfig } from 'maitred'

const minutes = 60
const days = 24 * 60 * minutes

export default defineConfig({
  /** How Maitred calls itself on its pages and in its mails. */
  name: 'Maitred',

  brand: {
    /** The colour of buttons and links, as #rgb or #rrggbb. */
    color: '#0f5c4d',
    /** The colour of words on it; absent, black or white, whichever reads better. */
    // contrast: '#ffffff',
    /** An https URL, or a path on this server. */
    // logo: 'https://example.com/logo.svg',
  },

  /** Your own words for any text, by language and key: `{ en: { 'flow.signIn.title': 'Welcome to {app}' } }`. */
  texts: {},

  /** Who may make an account at `/signup`: 'open' for everybody, 'closed' for nobody. Each application says for itself. */
  signUp: 'open',

  /** How long things live, in seconds. */
  lifetimes: {
    /** At most 15 minutes. */
    accessToken: 15 * minutes,
    /** From the first one to the last of its successors. */
    refreshToken: 7 * days,
    /** A session ends then, however busy it is. */
    session: 7 * days,
    /** A session that nobody used for so long ends: at least 10 minutes; absent, only `session` counts. */
    // sessionIdle: 12 * 60 * minutes,
    /** An authorization code, from the redirect to the token request. */
    code: 60,
    /** So long a used refresh token is answered again with the same successor, for clients that ask twice; 0 to 60. */
    refreshGrace: 30,
  },

  /** Signatures: 'ES256', 'RS256' or 'EdDSA'. Many client libraries expect RS256 ID tokens. */
  algorithms: { accessToken: 'ES256', idToken: 'RS256' },

  /**
   * A mail transport of your own, in the place of SMTP_URL and of the folder: a plug-in is a value. README.md shows
   * one in thirty lines, and `maitred/plugins` has its types.
   */
  // mail: httpMail({ url: 'https://api.resend.com/emails', key: process.env.MAIL_KEY ?? '' }),

  /** Hosts that Maitred's own requests (keys, logos, back-channel logout) may reach although they are private. */
  privateAddresses: [],
})
