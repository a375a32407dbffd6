/** What the pages of the dining room have to say about what was just done. */
import { createFlash } from '../web/flash.ts'

export const flash = createFlash({
  booked: 'Your table is booked. We look forward to seeing you.',
  cancelled: 'Your booking is cancelled. The table goes to somebody else.',
  paid: 'Your bill is paid. Thank you, and come again.',
  times: 'Your times are saved.',
})
