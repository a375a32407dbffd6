/** Where the back office notes what happens: pino, or anything that writes lines as pino does. */
export interface Log {
  info(o: object, text: string): void
  warn(o: object, text: string): void
  error(o: object, text: string): void
}
