/** The demo's door is the restaurant's: that is how people meet one, not under the name of what it is made of. */
import type { Config } from '../config.ts'

export const demoBrand = { name: 'Bella Napoli', brand: { color: '#b3362b' } } as const

/** A configuration that names itself keeps its name and its look. */
export function withDemoBrand(config: Config): Config {
  const { name, mailFrom } = config
  if (name !== 'Maitred') return config
  return { ...config, ...demoBrand, mailFrom: mailFrom.replace(name, demoBrand.name) }
}
