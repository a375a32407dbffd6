/** When the staff can work, as each of them said it. Who plans the shifts sees it here; they say it at the front of house. */

import { WEEKDAYS } from '../../calendar.ts'
import { html } from '../../web/html.ts'
import { listing } from './listing.ts'
import { readAll } from './lookups.ts'
import type { OfficeRoute } from './office-visit.ts'
import { fullName, type MemberAvailability, memberAvailability } from './records.ts'
import { times } from './shifts.ts'
import { jobTitle } from './staff.ts'

export const availability: OfficeRoute = {
  method: 'get',
  path: '/availability',
  permission: 'shifts.update',
  async handle(visit) {
    const items = await readAll(visit, '/availability', memberAvailability)
    const silent = items.filter(({ slots }) => slots.length === 0)
    visit.page({
      title: 'Availability',
      text: 'When everybody can work, as they said it themselves at the front of house.',
      body: html`${
        silent.length > 0
          ? html`<p class="notice warning">${silent.map(fullName).join(', ')} ${silent.length === 1 ? 'has' : 'have'} not said yet when they can work: the rota gives them nothing.</p>`
          : ''
      }
      <div class="dense">${listing({
        caption: 'When everybody can work',
        items,
        url: visit.ctx.URL,
        next: undefined,
        empty: html`<h2>Nobody works here yet</h2><p>Add the staff first.</p>`,
        columns: [
          {
            title: 'Name',
            cell: (member: MemberAvailability) =>
              html`<a href="/staff/${member.staff}">${fullName(member)}</a> <span class="quiet light">${jobTitle(member.job)}</span>`,
          },
          ...WEEKDAYS.map((title, index) => ({
            title,
            cell: ({ slots }: MemberAvailability) => {
              const some = slots.filter(({ weekday }) => weekday === index + 1)
              return some.length === 0
                ? ''
                : html`${some.map((slot) => html`<span class="slot">${times(slot)}</span>`)}`
            },
          })),
        ],
      })}</div>`,
    })
  },
}
