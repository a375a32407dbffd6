/**
 * Grants are not documents: each lives in its session, and a snapshot of it in every code and refresh
 * token made from it. Revoking one takes its tokens and puts an entry on the revocation list.
 */
import type { Adapter } from 'oidc-provider'
import { requestMemory } from './request.ts'

export function createGrantAdapter(options: { revokeGrant(id: string): Promise<void> }): Adapter {
  return {
    async upsert(id, payload) {
      const memory = requestMemory()
      memory.grants.set(id, JSON.parse(JSON.stringify(payload)))
      memory.grantsChanged = true
    },
    async find(id) {
      return requestMemory().grants.get(id)
    },
    async destroy(id) {
      requestMemory().grants.delete(id)
      await options.revokeGrant(id)
    },
    async consume() {},
    async findByUid() {},
    async findByUserCode() {},
    async revokeByGrantId() {},
  }
}
