import { availableParallelism, loadavg } from 'node:os'

/**
 * How many programs want each processor, at least one: what takes a second alone takes as many on a machine that is
 * busy with other things. For limits on work; waiting takes no longer there.
 */
export function share(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism())
}
