/** EJS templates, compiled once. Data is what a handler names; it is never spread from a request (CVE-2022-29078). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ejs from 'ejs'

export interface Views {
  /** Renders `<folder>/<view>.ejs`. */
  render(view: string, data: Readonly<Record<string, unknown>>): string
}

export function createViews(folder: string): Views {
  const compiled = new Map<string, (data: Record<string, unknown>) => string>()

  function compile(view: string): (data: Record<string, unknown>) => string {
    if (!/^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/.test(view)) throw new Error(`${JSON.stringify(view)} is no view`)
    const filename = join(folder, `${view}.ejs`)
    const template = ejs.compile(readFileSync(filename, 'utf8'), {
      filename,
      root: folder,
      views: [folder],
      cache: true,
    })
    compiled.set(view, template)
    return template
  }

  return {
    render: (view, data) => (compiled.get(view) ?? compile(view))(data),
  }
}
