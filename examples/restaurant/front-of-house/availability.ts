/** When a member of the staff can work: ranges of time on days of the week. */
import type Router from '@koa/router'
import { ApiProblem } from '../web/api-client.ts'
import { seeOther } from '../web/middleware.ts'
import type { WebTools } from '../web/web-app.ts'
import { availabilityReader } from './answers.ts'
import { availabilityForm } from './availability-form.ts'
import { besideRows, checkRows, type Row, readRows, rowsOf } from './availability-rows.ts'
import { flash } from './flash.ts'
import { requirePermission } from './require-permission.ts'

export function addAvailabilityRoutes(router: Router, tools: WebTools): void {
  router.get(
    '/availability',
    tools.signedIn(async (ctx, { api, me }) => {
      requirePermission(await me(), 'availability.own')
      const { slots } = await api.get('/availability/me', availabilityReader)
      tools.page(ctx, availabilityForm({ rows: rowsOf(slots), flash: flash.show(ctx) }))
    }),
  )

  router.post(
    '/availability',
    tools.signedIn(async (ctx, { api, me }) => {
      requirePermission(await me(), 'availability.own')
      const form = await tools.form(ctx)
      const typed = readRows(form)
      const more = Number(form.get('more'))
      if (more) {
        const rows = [...typed, { weekday: more, from: '', to: '' }]
        return tools.page(ctx, availabilityForm({ rows, added: more }))
      }
      const { rows, slots } = checkRows(typed)
      const refuse = (refused: readonly Row[]) =>
        tools.page(ctx, { ...availabilityForm({ rows: refused, refused: true }), status: 422 })
      if (!slots) return refuse(rows)
      try {
        await api.send('PUT', '/availability/me', { body: { slots } })
        seeOther(ctx, flash.href('/availability', 'times'))
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.fields.size === 0) throw error
        refuse(besideRows(rows, error.fields))
      }
    }),
  )
}
