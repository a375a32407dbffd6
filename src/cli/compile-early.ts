/**
 * V8 compiles a function to its best after 3,000 calls. Nearly all that a server does it does once for a request, so a
 * server would be slow for its first thousands of sign-ins, and what runs now and then would never be fast. A tenth of
 * that saves about a tenth of a sign-in's CPU beside its hash (docs/decisions/025).
 */
import { setFlagsFromString } from 'node:v8'

/** For what is loaded later as for what is there. An engine that does not know the flag says so on stderr and goes on. */
export function compileEarly(): void {
  setFlagsFromString('--invocation-count-for-turbofan=300')
}
