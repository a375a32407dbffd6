import { expect } from 'chai'
import { createSmtpTransport } from '../../src/mail/smtp-transport.ts'
import { exampleMail, mailTransportContract } from '../../src/ports/contracts.ts'
import { arrivedMail, type SmtpBench, startSmtp } from '../support/smtp.ts'

describe('SMTP', () => {
  let smtp: SmtpBench

  beforeEach(async () => {
    smtp = await startSmtp()
  })
  afterEach(() => smtp.stop())

  const contract = mailTransportContract(async () => {
    const transport = createSmtpTransport({ url: smtp.url })
    return {
      transport,
      arrived: async () => smtp.received.map(arrivedMail),
      async fail() {
        smtp.mood.refuse = 451
      },
      close: () => transport.close(),
    }
  })
  for (const { name, run } of contract) it(name, run)

  async function faultOf(send: Promise<void>): Promise<unknown> {
    return await send.then(
      () => 'none',
      (error: { fault?: string }) => error.fault,
    )
  }

  it('tells a receiver that does not exist from one that must wait', async () => {
    const transport = createSmtpTransport({ url: smtp.url })
    smtp.mood.refuse = 550
    expect(await faultOf(transport.send(exampleMail))).to.equal('refused')
    smtp.mood.refuse = 451
    expect(await faultOf(transport.send(exampleMail))).to.equal('later')
    smtp.mood.refuse = 421
    expect(await faultOf(transport.send(exampleMail))).to.equal('outage')
    smtp.mood.refuse = undefined
    expect(await faultOf(transport.send(exampleMail))).to.equal('none')
    await transport.close()
  })

  it('calls a server that is not there an outage, and sends when it is back', async () => {
    const transport = createSmtpTransport({ url: smtp.url })
    await transport.send(exampleMail)
    await smtp.stop()
    expect(await faultOf(transport.send(exampleMail))).to.equal('outage')
    await smtp.start()
    expect(await faultOf(transport.send(exampleMail))).to.equal('none')
    expect(smtp.received).to.have.length(2)
    await transport.close()
  })

  it('closes while a server is silent', async () => {
    const transport = createSmtpTransport({ url: smtp.url })
    smtp.mood.silent = true
    const sending = faultOf(transport.send(exampleMail))
    await smtp.heard()
    await transport.close()
    expect(await sending).to.be.oneOf(['outage', 'later'])
  })

  it('keeps a password in the URL out of its errors', async () => {
    const transport = createSmtpTransport({ url: smtp.url.replace('//', '//user:s3cret@') })
    await smtp.stop()
    const error = await transport.send(exampleMail).catch((thrown: Error) => thrown)
    expect(error).to.have.property('message').that.is.a('string').and.does.not.contain('s3cret')
    await smtp.start()
    await transport.close()
  })
})
