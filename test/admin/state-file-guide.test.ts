import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { z } from 'zod'
import { documentSchema } from '../../src/admin/document-schema.ts'

const guide = readFileSync(new URL('../../docs/guides/state-file.md', import.meta.url), 'utf8')

type Json = { properties?: Record<string, Json>; additionalProperties?: Json | boolean; items?: Json }

/** The section of the guide on one of the file's four keys. */
function sectionOn(key: string): string {
  return guide.split(/^## /m).find((text) => text.startsWith(`\`${key}\``)) ?? ''
}

function keysOf(schema: Json | undefined): string[] {
  return Object.entries(schema?.properties ?? {}).flatMap(([key, inner]) => [key, ...keysOf(inner)])
}

describe('DC-11 the guide to state files', () => {
  const { properties = {} } = z.toJSONSchema(documentSchema, { io: 'input', unrepresentable: 'any' }) as Json

  for (const [key, inner] of Object.entries(properties)) {
    const each =
      inner.items ?? (typeof inner.additionalProperties === 'object' ? inner.additionalProperties : {})
    const keys = keysOf(each)

    it(`names every key of ${key}`, () => {
      expect(keys).to.not.be.empty
      const told = [...sectionOn(key).matchAll(/`([^`]+)`/g)].map(([, word]) => word)
      expect(keys.filter((one) => !told.includes(one))).to.deep.equal([])
    })

    it(`has no row for a key that ${key} does not have`, () => {
      const rows = [...sectionOn(key).matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
        [...cell.matchAll(/`(\w+)`/g)].map(([, word]) => word),
      )
      expect(rows).to.not.be.empty
      expect(rows.filter((row) => !keys.includes(String(row)))).to.deep.equal([])
    })
  }
})
