/** People's pictures: a document each, because nothing that reads a person needs them. */
import { z } from 'zod'
import { MaitredError } from '../errors.ts'
import { randomToken } from '../keys/keys.ts'
import { defineCollection, type Store, type Write } from '../storage/storage.ts'
import type { Accounts } from './accounts.ts'
import type { Person } from './person.ts'
import { cleanPicture, type Picture } from './picture/clean-picture.ts'

const pictureSchema = z.strictObject({
  /** Random, so that a picture's address cannot be guessed, and new for each picture, so that it can be cached. */
  _id: z.string(),
  person: z.string(),
  type: z.enum(['image/png', 'image/jpeg', 'image/webp']),
  /** Base64. */
  bytes: z.string(),
  createdAt: z.date(),
})

export const pictureCollection = defineCollection({
  name: 'pictures',
  schema: pictureSchema,
  index: [['person']],
})

export interface Pictures {
  read(id: string): Promise<Picture | undefined>
  /**
   * Cleans the picture and puts it in the place of the person's last one.
   * @throws MaitredError `invalid_form` for the field `picture`; `conflict` when the person is gone
   */
  put(person: Person, bytes: Uint8Array, also?: readonly Write[]): Promise<Person>
  remove(person: Person, also?: readonly Write[]): Promise<Person>
}

export function createPictures(o: {
  store: Store
  accounts: Pick<Accounts, 'change'>
  now: () => Date
}): Pictures {
  const pictures = o.store.collection(pictureCollection)

  async function replace(
    person: Person,
    by: Write[],
    change: Parameters<Accounts['change']>[2],
    also: readonly Write[],
  ) {
    const old: Write = { in: pictureCollection, remove: { person: person._id } }
    const changed = await o.accounts.change(person._id, {}, change, [...also, old, ...by])
    if (!changed) throw new MaitredError('conflict')
    return changed
  }

  return {
    async read(id) {
      const found = await pictures.get(id)
      return found && { type: found.type, bytes: Buffer.from(found.bytes, 'base64') }
    },
    async put(person, bytes, also = []) {
      const { type, bytes: cleaned } = cleanPicture(bytes)
      const picture = {
        _id: randomToken(16),
        person: person._id,
        type,
        bytes: cleaned.toString('base64'),
        createdAt: o.now(),
      }
      return replace(
        person,
        [{ in: pictureCollection, insert: picture }],
        { $set: { picture: picture._id } },
        also,
      )
    },
    remove: (person, also = []) => replace(person, [], { $unset: { picture: true } }, also),
  }
}
