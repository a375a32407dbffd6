/**
 * Password hashes run on libuv's threads and take whole cores for tens of milliseconds; the event loop, which needs
 * a moment at a time, would have to wait for its turn among them. So they get what it leaves over (nice(2)): with
 * idle cores nothing changes, and under a rush everybody else is answered in time.
 */
import { readdir, readFile } from 'node:fs/promises'
import { getPriority, setPriority } from 'node:os'
import { join } from 'node:path'

const TASKS = '/proc/self/task'
const NICE = 10

/** Only Linux has a priority for each thread; elsewhere this does nothing. */
export async function letHashesGiveWay(): Promise<void> {
  if (process.platform !== 'linux') return
  const nice = Math.max(NICE, getPriority())
  // To read the folder needs the pool, so all of its threads are there.
  for (const thread of await readdir(TASKS)) {
    const name = await readFile(join(TASKS, thread, 'comm'), 'utf8')
    if (name.startsWith('libuv-worker')) setPriority(Number(thread), nice)
  }
}
