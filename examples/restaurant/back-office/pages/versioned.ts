/** A record together with its version, which the API says in its ETag: whoever changes it names the version they saw. */
import type { Reader } from '../../web/api-client.ts'
import type { Desk } from './desk.ts'

export async function readVersioned<T>(
  desk: Desk,
  path: string,
  reader: Reader<T>,
): Promise<{ record: T; version: number }> {
  const answer = await desk.api.download(path)
  const version = Number(/^"(\d+)"$/.exec(answer.headers.get('etag') ?? '')?.[1])
  return { record: reader.parse(await answer.json()), version }
}
