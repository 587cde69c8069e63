export { actionsWaiting, decideAction, type Action, type ActionFilter, type ActionPage, type Decision } from './actions';
export * from './assets';
export type { Unit } from './committer';
export type { Dialect, Transaction, Value } from './connection';
export { openStore, Store, type StoreClock, type StoreOptions } from './store';
export { Blobs } from './blobs';
export { StoredQueue } from './queue';
export { Journal, type Change, type Changed, type EntityRecord } from './journal';
export { GENESIS, hashOf, JOURNAL_COLUMNS, type ChainFault, type JournalHead, type JournalRow } from './journal-chain';
export { journalRows, newestRows, verifyJournal, type JournalFilter, type VerifyReport } from './journal-read';
export { Machine, Machines, type MachineSpec, type StateSpec } from './machine';
export { DAMAGE, MACHINES, NODE_RUN, RUN, TIMER } from './machines';
export { reconcile, type Finding, type FindingClass, type ReconcileOptions, type ReconcileReport } from './reconcile';
export { runOnRecord, runsOnRecord, type OpenNodeRun, type RunFilter, type RunOnRecord, type RunSummary } from './records';
export { committed, type Reader } from './rows';
export { StoredRuns } from './run-record';
export { StoredTimers } from './timers';
export { expire, House } from './house';
export { StoredArtifacts } from './artifacts';
export {
  dropRows,
  listQueues,
  peekRows,
  retryRows,
  span,
  type PeekedRow,
  type QueueSummary,
  type RowFilter,
  type RowState,
} from './inspect';
export { compactStore, type CompactReport } from './compact';
export { repairQueues, salvage, type RepairReport, type SalvageReport } from './repair';
export { verifyBlobs, type BlobFault, type BlobVerifyReport } from './verify-blobs';
export { snapshotOf } from './snapshot';
export { readFileAsIs, verifyQueues, type QueueFault, type QueueFaultClass, type QueueVerifyReport } from './verify';
