import type { ConfigSnapshot } from '../../config/config.ts';
import type { Answer } from '../../core/dispatch/protocol.ts';

/** What a worker needs to know before its first job; the same for all workers of a run. */
export interface WorkerTask {
  readonly config: ConfigSnapshot;
  readonly seed: string;
  readonly stream: 'same' | 'per-job';
  readonly mathRandom: 'job' | 'native';
  readonly logLevel: string;
  /** Niceness, 19 gives way to everybody. */
  readonly nice: number;
  readonly memoryLimitBytes: number | undefined;
  readonly runFolder: string;
  readonly assets: string | undefined;
}

/** Index, attempt, arguments in canonical JSON, which of equal jobs. */
export type JobMessage = readonly [index: number, attempt: number, argsJson: string, occurrence: number];

export type ToWorker =
  | { readonly type: 'begin'; readonly worker: number; readonly task: WorkerTask }
  | { readonly type: 'jobs'; readonly jobs: readonly JobMessage[] }
  | { readonly type: 'leave' };

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'cannot-start'; readonly why: string }
  /** `isLast`: the worker leaves and begins nothing more, whatever else was handed to it. */
  | { readonly type: 'answers'; readonly answers: readonly Answer[]; readonly isLast: boolean };

/** First words of the executable's command line in its worker role. */
export const workerRole = '__worker';

/** File descriptor for what a worker says in the middle of a job, written synchronously, one line each. */
export const marksFd = 3;
/** First characters of these lines: how far a job is, … */
export const progressMark = 'p';
/** … a line of its log, … */
export const logMark = 'l';
/** … `initializeWorker` begins, … */
export const initialisingMark = 'i';
/** … the memory in use, in bytes, which is the worker's end, … */
export const memoryMark = 'm';
/** … and the connection to the parent is cut from this side. */
export const disconnectMark = 'd';

/** Byte on the worker's standard input that raises `signal.aborted`. The end of that input is the end of the worker. */
export const abortByte = 'a';

/** Where the worker finds the user's NODE_OPTIONS, which are for the programs that jobs start and not for the worker itself. */
export const nodeOptionsVariable = 'JOB_SPLITTER_NODE_OPTIONS';
