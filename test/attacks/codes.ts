/** What the attacks on authorization codes need beside the house: an application without refresh tokens, and offline access. */
import { expect } from 'chai'
import type { Resident } from '../support/resident.ts'
import { CALLBACK } from '../support/restaurant.ts'
import { ADA, type Answer, authUrl, type House, token, VERIFIER } from './house.ts'

/** More than another process may take to hear of an end, in milliseconds. */
export const LATER = 600

/** Has no refresh tokens. */
export const ONCE = { client_id: 'once' }

export async function addOnce(house: House): Promise<void> {
  await house.applications.put(
    {
      _id: ONCE.client_id,
      name: 'Once',
      firstParty: true,
      redirectUris: [CALLBACK],
      kind: 'spa',
      grants: ['authorization_code'],
    },
    'test',
  )
}

export function redeemOnce(house: House, code: string, at?: string): Promise<Answer> {
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER }
  return token(house, { ...form, ...ONCE }, {}, at)
}

export async function offlineCode(house: House, resident: Resident): Promise<string> {
  const extra = { scope: 'openid offline_access', prompt: 'consent' }
  const page = await resident.get(authUrl(house, extra))
  const after = page.leaves ? page : await resident.submit(page, {}, 'consent')
  return new URL(String(after.leaves)).searchParams.get('code') ?? ''
}

/** Nothing but the session goes on in which it is changed. */
export async function changePassword(resident: Resident): Promise<void> {
  const path = '/account/password'
  const fields = { currentPassword: ADA.password, password: 'another-calm-river-at-dawn', others: 'yes' }
  expect((await resident.fill(path, path, fields)).url).to.include('done=password')
}
