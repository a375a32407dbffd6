/** What MongoDB's errors mean to those who use the store. */
import mongoose from 'mongoose'
import { DuplicateKeyError, StoreUnavailableError } from '../errors.ts'

const { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError, MongoWriteConcernError } =
  mongoose.mongo

/** A unique key, `_id` among them, that a write found taken. */
export interface Taken {
  readonly code: 11000
  readonly keyPattern: Readonly<Record<string, unknown>>
  readonly keyValue: Readonly<Record<string, unknown>>
}

export function isTaken(error: unknown): error is Taken {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11000
}

/** Server codes of a node that stops, steps down, is interrupted, or could not reach a majority in time. */
const absent = new Set([
  6, 7, 24, 50, 64, 89, 91, 100, 112, 134, 189, 202, 246, 251, 262, 290, 384, 9001, 10058, 10107, 11600,
  11601, 11602, 13435, 13436,
])

export function isAbsence(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false
  if (error instanceof MongoServerError && !(error instanceof MongoWriteConcernError))
    return absent.has(Number(error.code)) || error.hasErrorLabel('TransientTransactionError')
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoWriteConcernError ||
    unreachable.has(error.name)
  )
}

const unreachable = new Set([
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoNotConnectedError',
  'MongoClientClosedError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
  'MongoStalePrimaryError',
  'MongoExpiredSessionError',
])

/** The port's error; the driver's own, where the port has none. The key's value stays out: it may be personal. */
export function storeError(error: unknown, collection: string): unknown {
  if (isTaken(error)) {
    const key = Object.keys(error.keyPattern ?? {}).join(', ')
    return new DuplicateKeyError(collection, new Error(`${collection}: ${key} is taken`))
  }
  return isAbsence(error) ? new StoreUnavailableError(error) : error
}
