import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect } from 'chai'

const read = (path: string) => readFileSync(resolve(import.meta.dirname, '..', path), 'utf8')

describe('README.md', () => {
  it('shows the plug-in as it is, in thirty lines at most', () => {
    const plugIn = read('examples/plugins/http-mail.ts')
    expect(read('README.md')).to.include(`\`\`\`ts\n${plugIn}\`\`\`\n`)
    expect(plugIn.trimEnd().split('\n')).to.have.length.of.at.most(30)
  })
})
