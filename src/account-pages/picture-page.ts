/** A person's picture, served to everybody who knows its address. */
import type { Router } from '@koa/router'
import type { Pictures } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'

export interface PicturePageOptions {
  router: Router
  pictures: Pick<Pictures, 'read'>
}

export function routePicture({ router, pictures }: PicturePageOptions): void {
  router.get('/pictures/:id', async (ctx) => {
    const picture = await pictures.read(String(ctx.params.id))
    if (!picture) throw new MaitredError('not_found')
    // A new picture has a new address, and apps on other origins show it (OpenID Connect Core 1.0 §5.1).
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable')
    ctx.set('Cross-Origin-Resource-Policy', 'cross-origin')
    ctx.set('Content-Disposition', 'inline')
    ctx.type = picture.type
    ctx.body = picture.bytes
  })
}
