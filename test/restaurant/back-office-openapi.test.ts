import { expect } from 'chai'
import { type BackOfficeHouse, openBackOffice } from '../support/back-office.ts'
import { engines } from '../support/engines.ts'

describe('SB-2 RF-6 the description of the back office’s API', function () {
  this.timeout(30_000)
  let house: BackOfficeHouse
  // biome-ignore lint/suspicious/noExplicitAny: a description of many shapes
  let description: any

  before(async () => {
    const [engine] = engines()
    if (!engine) throw new Error('no engine')
    house = await openBackOffice(engine)
    const answer = await house.call(undefined, 'GET', '/openapi.json')
    expect(answer.status).to.equal(200)
    description = answer.body
  })
  after(() => house?.stop())

  it('is OpenAPI 3.1, with every reference in it', () => {
    expect(description.openapi).to.match(/^3\.1\./)
    const references = [...JSON.stringify(description).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to)
    expect(references).to.not.be.empty
    for (const reference of new Set(references)) {
      const name = /^#\/components\/schemas\/(\w+)$/.exec(reference ?? '')?.[1] ?? ''
      expect(description.components.schemas, reference).to.have.property(name)
    }
  })

  it('names each operation once, with its permission, its refusals and its body', () => {
    const paths: Record<string, Record<string, Record<string, unknown>>> = description.paths
    const operations = Object.values(paths).flatMap((path) => Object.values(path))
    const names = operations.map(({ operationId }) => operationId)
    expect(new Set(names).size).to.equal(names.length)
    for (const operation of operations) {
      expect(operation.description).to.match(/Takes (any token|the permission)/)
      expect(operation.responses).to.include.keys('401', '403')
    }
    const { patch } = description.paths['/customers/{id}']
    expect(patch.parameters.map(({ name }: { name: string }) => name)).to.deep.equal(['id', 'If-Match'])
    expect(patch.responses).to.include.keys('200', '404', '409', '412', '413', '415', '422', '428')
    const { post } = description.paths['/customers']
    const { properties, required, additionalProperties } = post.requestBody.content['application/json'].schema
    expect(Object.keys(properties)).to.include('firstName')
    expect([required, additionalProperties]).to.deep.equal([['firstName', 'lastName'], false])
  })

  it('says that every route of it wants a token', async () => {
    for (const [path, methods] of Object.entries<object>(description.paths))
      for (const method of Object.keys(methods)) {
        const place = path.replaceAll(/\{\w+\}/g, 'x')
        const answer = await house.call(undefined, method.toUpperCase(), place)
        expect(answer.status, `${method} ${path}`).to.equal(401)
      }
  })
})
