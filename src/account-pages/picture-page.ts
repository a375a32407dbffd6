/** A person's picture: uploaded on the profile's page, served to everybody who knows its address. */
import type { Router } from '@koa/router'
import { z } from 'zod'
import { largestPicture, type Pictures } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import { type Limits, readForm, readUpload } from '../http/http.ts'
import type { Visit } from './gate.ts'
import type { AccountPage, Visits } from './visits.ts'

export interface PicturePageOptions {
  visits: Visits
  router: Router
  pictures: Pictures
  limits: Limits
  profile: AccountPage
}

const empty = z.strictObject({})

export function routePicture({ visits, router, pictures, limits, profile }: PicturePageOptions): void {
  async function upload(visit: Visit): Promise<void> {
    const file = await readPicture(visit)
    await limits.take(`picture:${visit.person._id}`, { max: 30, windowSeconds: 3_600 })
    await pictures.put(visit.person, file, [visits.record(visit, 'profile_changed')])
    visits.done(visit, profile.path, 'saved')
  }

  async function remove(visit: Visit): Promise<void> {
    await readForm(visit.ctx, empty)
    await pictures.remove(visit.person, [visits.record(visit, 'profile_changed')])
    visits.done(visit, profile.path, 'saved')
  }

  visits.act('/account/profile/picture', profile, upload)
  visits.act('/account/profile/picture/remove', profile, remove)

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

async function readPicture({ ctx }: Visit): Promise<Buffer> {
  try {
    const { file } = await readUpload(ctx, { maxBytes: largestPicture })
    if (!file) throw new MaitredError('invalid_form', { fields: { picture: 'error.field.required' } })
    return file
  } catch (error) {
    if (!(error instanceof MaitredError) || error.code !== 'too_large') throw error
    throw new MaitredError('invalid_form', { fields: { picture: 'error.field.picture' }, cause: error })
  }
}
