/**
 * What a plug-in fills in: for each kind the interface that the configuration names and its host calls. It is the
 * package's `maitred/plugins`. Nothing here does anything; `contracts.ts` proves a plug-in.
 */
export { type MailMessage, type MailTransport, UndeliveredError } from './mail-transport.ts'
