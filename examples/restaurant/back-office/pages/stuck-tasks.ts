/** What the worker gave up after several tries: why, and the way to have it tried again. */
import { ApiProblem, apiPath } from '../../web/api-client.ts'
import { html } from '../../web/html.ts'
import { whenOf } from '../../web/when.ts'
import { listing } from './listing.ts'
import type { OfficeRoute, OfficeVisit } from './office-visit.ts'
import { listOf, type StuckTask, task } from './records.ts'

const KINDS: Record<string, string> = { schedule: 'Make a rota', tell: 'Send the mail about a rota' }

export const stuckTasks: readonly OfficeRoute[] = [
  { method: 'get', path: '/stuck', permission: 'tasks.read', handle: show },
  { method: 'post', path: '/stuck/:id/retry', permission: 'tasks.update', handle: retry },
]

async function show(visit: OfficeVisit): Promise<void> {
  const { items } = await visit.api.get('/tasks', listOf(task), { status: 'dead' })
  const maySend = visit.may('tasks.update')
  visit.page({
    title: 'Stuck tasks',
    text: 'Work in the background that failed again and again, so that we stopped trying.',
    body: listing({
      caption: 'Stuck tasks, the newest first',
      items,
      url: visit.ctx.URL,
      next: undefined,
      empty: html`<h2>Nothing is stuck</h2><p>Everything that was asked for in the background is done or under way.</p>`,
      columns: [
        {
          title: 'Task',
          cell: ({ kind, rota }: StuckTask) => html`<a href="/rotas/${rota}">${KINDS[kind] ?? kind}</a>`,
        },
        { title: 'Why', cell: ({ reason }) => reason },
        { title: 'Tries', cell: ({ attempts }) => String(attempts), number: true },
        { title: 'Since', short: true, cell: ({ diedAt }) => whenOf(diedAt, visit.now, visit.timeZone) },
        ...(maySend
          ? [
              {
                title: 'What to do',
                cell: ({ id }: StuckTask) =>
                  html`<form method="post" action="/stuck/${encodeURIComponent(id)}/retry"><button class="quiet">Send again</button></form>`,
              },
            ]
          : []),
      ],
    }),
  })
}

async function retry(visit: OfficeVisit): Promise<void> {
  try {
    await visit.api.send('POST', apiPath`/tasks/${visit.part('id')}/retry`)
  } catch (error) {
    // Somebody else has sent it already: the list says so.
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error
    return visit.go('/stuck')
  }
  visit.go('/stuck', 'sent')
}
