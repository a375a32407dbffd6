/** Who and what takes part, the same for every server under test. */
export const API = 'https://api.bella-napoli.example/'
export const CALLBACK = 'https://kitchen.bella-napoli.example/callback'
export const PASSWORD = 'quiet-otter-paints-the-harbour'
export const SCOPE = 'openid profile email'
export const PEOPLE = Array.from({ length: 200 }, (_, n) => `person-${n}@example.com`)
