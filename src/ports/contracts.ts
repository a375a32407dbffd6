/** The proofs that a plug-in's author runs, one for each kind: the package's `maitred/plugins/contracts`. */
export type { ContractCase } from './contract-case.ts'
export {
  type ArrivedMail,
  exampleMail,
  mailTransportContract,
  type TransportBench,
} from './mail-transport-contract.ts'
