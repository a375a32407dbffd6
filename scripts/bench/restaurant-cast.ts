/** Who takes part in measuring the restaurant's routes. */
export const ISSUER = 'https://id.bella-napoli.example'
export const AUDIENCE = 'https://api.bella-napoli.example'
/** The `sub` of somebody who is on the staff. */
export const STAFF = 'somebody-of-the-staff'
