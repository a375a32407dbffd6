/**
 * Lets only so many requests begin in one turn of the event loop: when a hundred arrive at once, timers, answers
 * that are ready and other connections are served in between, and not after all of them.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

const PER_TURN = 8

export function paced(handler: RequestListener): RequestListener {
  let begun = 0
  const waiting: [IncomingMessage, ServerResponse][] = []

  function nextTurn(): void {
    begun = 0
    for (const [req, res] of waiting.splice(0, PER_TURN)) begin(req, res)
  }

  function begin(req: IncomingMessage, res: ServerResponse): void {
    begun += 1
    if (begun === 1) setImmediate(nextTurn)
    handler(req, res)
  }

  return (req, res) => {
    if (begun < PER_TURN) begin(req, res)
    else waiting.push([req, res])
  }
}
