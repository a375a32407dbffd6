/** `/dev/mail`: the mails of an installation without a mail server, on a development issuer only. */
import type { Router } from '@koa/router'
import { MaitredError } from '../errors.ts'
import { requestState, type Shell } from '../http/http.ts'
import type { Mail, SentMail } from '../mail/mail.ts'

export function routeDevMail({
  shell,
  mail,
}: {
  shell: Pick<Shell, 'page'> & { router: Router }
  mail: Pick<Mail, 'sent' | 'pass'>
}): void {
  shell.router.get('/dev/mail', async (ctx) => {
    // Whoever looks wants to see what was just promised.
    await mail.pass()
    await shell.page(ctx, 'dev/mail', { messages: await mail.sent(), now: requestState(ctx).now })
  })
  async function find(id: unknown): Promise<SentMail> {
    const message = (await mail.sent()).find((sent) => sent.id === id)
    if (!message) throw new MaitredError('not_found')
    return message
  }
  shell.router.get('/dev/mail/:id', async (ctx) => {
    const message = await find(ctx.params.id)
    const { now } = requestState(ctx)
    await shell.page(ctx, 'dev/message', { message, now, htmlUrl: `/dev/mail/${message.id}/html` })
  })
  // The mail as its reader sees it: styled inline, and able to do nothing.
  shell.router.get('/dev/mail/:id/html', async (ctx) => {
    const { html } = await find(ctx.params.id)
    ctx.set(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
    )
    // In its sandbox it has no origin of its own to be keyed by, and Chromium would say so.
    ctx.remove('Origin-Agent-Cluster')
    ctx.type = 'html'
    ctx.body = html
  })
}
