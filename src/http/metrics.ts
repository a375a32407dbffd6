/**
 * What `/metrics` says. Requests are counted in plain numbers, because that stands before every request;
 * process and event loop are measured by prom-client, from the first scrape on.
 */
import type { Registry } from 'prom-client'

export interface Metrics {
  /** @param route a pattern or an endpoint's name, never a path */
  count(route: string, status: number, milliseconds: number): void
  /** Prometheus' text format 0.0.4. */
  text(): Promise<string>
}

const bounds = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000]
/** More names than there are routes would be a mistake that fills the memory. */
const maxRoutes = 500

interface Route {
  readonly statuses: Map<number, number>
  /** One for each bound and one for what is slower; not cumulative. */
  readonly buckets: number[]
  sum: number
}

export function createMetrics(): Metrics {
  const routes = new Map<string, Route>()
  let process: Promise<Registry> | undefined

  function routeOf(name: string): Route {
    const known = routes.get(name)
    if (known) return known
    if (routes.size >= maxRoutes) return routeOf('other')
    const route: Route = { statuses: new Map(), buckets: Array(bounds.length + 1).fill(0), sum: 0 }
    routes.set(name, route)
    return route
  }
  routeOf('other')

  return {
    count(name, status, milliseconds) {
      const route = routeOf(name)
      route.statuses.set(status, (route.statuses.get(status) ?? 0) + 1)
      route.sum += milliseconds
      const found = bounds.findIndex((bound) => milliseconds <= bound)
      const at = found < 0 ? bounds.length : found
      route.buckets[at] = (route.buckets[at] ?? 0) + 1
    },
    async text() {
      process ??= openProcessMetrics()
      return [...requestLines(routes), ...durationLines(routes), await (await process).metrics()].join('\n')
    },
  }
}

async function openProcessMetrics(): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import('prom-client')
  const register = new Registry()
  collectDefaultMetrics({ register })
  return register
}

function requestLines(routes: Map<string, Route>): string[] {
  const name = 'maitred_http_requests_total'
  const lines = [`# HELP ${name} Answered requests.`, `# TYPE ${name} counter`]
  for (const [route, { statuses }] of routes) {
    for (const [status, count] of statuses)
      lines.push(`${name}{route="${escapeLabel(route)}",status="${status}"} ${count}`)
  }
  return lines
}

function durationLines(routes: Map<string, Route>): string[] {
  const name = 'maitred_http_request_duration_seconds'
  const lines = [`# HELP ${name} From the request's head to the answer's end.`, `# TYPE ${name} histogram`]
  for (const [route, { buckets, sum }] of routes) {
    const label = `route="${escapeLabel(route)}"`
    let below = 0
    for (const [at, count] of buckets.entries()) {
      below += count
      const bound = bounds[at]
      const le = bound === undefined ? '+Inf' : String(bound / 1_000)
      lines.push(`${name}_bucket{${label},le="${le}"} ${below}`)
    }
    lines.push(`${name}_sum{${label}} ${sum / 1_000}`, `${name}_count{${label}} ${below}`)
  }
  return lines
}

function escapeLabel(label: string): string {
  return label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
