/** Waits for SIGTERM or SIGINT. A second one ends the process at once, for the impatient. */
export function stopSignal(): Promise<NodeJS.Signals> {
  const signals = ['SIGTERM', 'SIGINT'] as const
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      for (const name of signals) process.removeListener(name, stop)
      resolve(signal)
    }
    for (const name of signals) process.on(name, stop)
  })
}
