/**
 * `npm run build`: the package as it is published, in `dist/`. The tree keeps its shape, only `.ts` becomes
 * `.js`, because Node refuses to strip types under `node_modules`. Publish with `npm publish ./dist`.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const out = 'dist'
rmSync(out, { recursive: true, force: true })
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })

const others = globSync(['{src,examples,config}/**/*.*', '{views,public}/**/*.*', 'README.md', 'LICENSE'])
const isCompiled = (path: string) => path.endsWith('.ts') || path === 'src/cli/maitred.js'
for (const path of others.filter((path) => !isCompiled(path))) cpSync(path, `${out}/${path}`)

const {
  private: _,
  scripts,
  devDependencies,
  allowScripts,
  ...manifest
} = JSON.parse(
  readFileSync('package.json', 'utf8').replaceAll(/(\.\/(?:src|config|examples)\/[^"]+)\.ts"/g, '$1.js"'),
)
// The clone pins its runtime; whoever installs the package has chosen theirs, and `engines` says which will do.
delete manifest.dependencies.node
writeFileSync(`${out}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`)
