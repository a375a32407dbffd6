/**
 * Folders for tests' data: in memory where the machine has room for that, because a test's store need not survive
 * the machine and its flushes to a shared disk are most of what a test waits for.
 */
import { existsSync, statfsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const memory = '/dev/shm'
/** Containers often give 64 MiB, which one log of MongoDB would fill. */
const enough = 2 * 1024 ** 3

export function temporaryFolder(prefix: string): Promise<string> {
  return mkdtemp(join(hasRoom(memory) ? memory : tmpdir(), prefix))
}

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize >= enough
}
