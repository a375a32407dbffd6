/** EJS templates, compiled once. Data is what a handler names; it is never spread from a request (CVE-2022-29078). */
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ejs from 'ejs'

export interface Views {
  /** Renders `<folder>/<view>.ejs`. */
  render(view: string, data: Readonly<Record<string, unknown>>): string
}

type Data = Readonly<Record<string, unknown>>
type Template = (data: Data) => string

export function createViews(folder: string): Views {
  const compiled = new Map<string, Template>()

  const fileOf = (view: string): string => join(folder, `${view}.ejs`)

  function templateOf(view: string): Template {
    const known = compiled.get(view)
    if (known) return known
    const filename = fileOf(view)
    const template = ejs.compile(readFileSync(filename, 'utf8'), { filename, root: folder, views: [folder] })
    const included = new Map<string, string>()
    // EJS asks the disk for every include of every page; where a name leads does not change.
    const rendering: Template = (data) => {
      const include = (name: string, more?: Data): string => {
        const target = included.get(name) ?? resolve(view, name)
        included.set(name, target)
        return templateOf(target)(more ? { ...data, ...more } : data)
      }
      return template({ ...data, include })
    }
    compiled.set(view, rendering)
    return rendering
  }

  /** As EJS does: beside the template that includes, else from the folder of all. */
  function resolve(view: string, name: string): string {
    const beside = posix.join(posix.dirname(view), name)
    if (existsSync(fileOf(beside))) return beside
    if (existsSync(fileOf(name))) return name
    throw new Error(`Could not find the include file ${JSON.stringify(name)} of ${view}`)
  }

  return {
    render(view, data) {
      if (!/^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/.test(view)) throw new Error(`${JSON.stringify(view)} is no view`)
      return templateOf(view)(data)
    },
  }
}
