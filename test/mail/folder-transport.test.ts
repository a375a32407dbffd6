import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import PostalMime from 'postal-mime'
import { createFolderTransport } from '../../src/mail/folder-transport.ts'
import { exampleMail, mailTransportContract } from '../../src/ports/contracts.ts'
import { arrivedMail } from '../support/smtp.ts'

describe('the folder of mails', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maitred-mail-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function arrived() {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'))
    const mails = await Promise.all(
      names.map(async (name) => PostalMime.parse(await readFile(join(folder, name)))),
    )
    return mails.map(arrivedMail)
  }

  const contract = mailTransportContract(async () => ({
    transport: createFolderTransport({ folder }),
    arrived,
    async fail() {
      await rm(folder, { recursive: true })
      await writeFile(folder, '')
    },
    close: async () => {},
  }))
  for (const { name, run } of contract) it(name, run)

  it('is empty before the first mail', async () => {
    expect(await createFolderTransport({ folder: join(folder, 'none') }).sent()).to.deep.equal([])
  })

  it('shows what was sent, the newest first, and a repetition once', async () => {
    const transport = createFolderTransport({ folder })
    const later = { ...exampleMail, id: 'later', date: new Date('2025-11-21T14:06:00Z'), subject: 'Later' }
    await transport.send(later)
    await transport.send(exampleMail)
    await transport.send(exampleMail)
    const sent = await transport.sent()
    expect(sent.map(({ id }) => id)).to.deep.equal(['later', exampleMail.id])
    expect(sent[1]).to.deep.include({
      to: exampleMail.to,
      subject: exampleMail.subject,
      at: exampleMail.date,
    })
    expect(sent[1]?.html.trim()).to.equal(exampleMail.html)
  })
})
