/** Work that comes when it comes, whether or not the last is done: how long it waited, counted from when it was due. */

export interface Stream {
  name: string
  perSecond: number
  act(): Promise<void>
}

export interface Outcome {
  name: string
  count: number
  /** What went wrong, each once. */
  errors: Map<string, number>
  /** Milliseconds. */
  p50: number
  p99: number
  max: number
}

/** Returns when all that came has been answered. */
export async function load(streams: readonly Stream[], seconds: number): Promise<Outcome[]> {
  const begun = performance.now()
  return Promise.all(streams.map((stream, place) => run(stream, begun + place * 7, seconds)))
}

async function run({ name, perSecond, act }: Stream, begun: number, seconds: number): Promise<Outcome> {
  const errors = new Map<string, number>()
  const waits: number[] = []
  const open: Promise<void>[] = []
  const one = async (due: number) => {
    try {
      await act()
      waits.push(performance.now() - due)
    } catch (error) {
      const what = String(error).slice(0, 300)
      errors.set(what, (errors.get(what) ?? 0) + 1)
    }
  }
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const due = begun + (n * 1_000) / perSecond
    const early = due - performance.now()
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
    open.push(one(due))
  }
  await Promise.all(open)
  waits.sort((a, b) => a - b)
  const at = (share: number) => waits[Math.floor((waits.length - 1) * share)] ?? Number.NaN
  return { name, count: open.length, errors, p50: at(0.5), p99: at(0.99), max: at(1) }
}
