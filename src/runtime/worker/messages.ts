import type { ConfigSnapshot } from '../../config/config.ts';
import type { CsvStyle } from '../../core/csv-line.ts';
import type { Answer } from '../../core/dispatch/protocol.ts';
import type { Recipe } from '../../core/recipe.ts';
import type { Widths } from '../../core/row-widths.ts';

/** What a worker needs to know before its first job; the same for all workers of a run. */
export interface WorkerTask {
  readonly config: ConfigSnapshot;
  readonly seed: string;
  readonly stream: 'same' | 'per-job';
  readonly mathRandom: 'job' | 'native';
  readonly logLevel: string;
  readonly memoryLimitBytes: number | undefined;
  readonly runFolder: string;
  /** How to compute the pool; where it is not given, jobs come with their arguments. */
  readonly recipe: Recipe | undefined;
  /** How lines of `results.csv` are spelt. */
  readonly csv: CsvStyle;
}

/** Stands in no canonical JSON; between brackets, arguments that it joins are one text of JSON. */
export const argsSeparator = ',\n';

/** Jobs for one worker, all of the same attempt. */
export interface JobsMessage {
  readonly type: 'jobs';
  /** How many recalls the parent knew of when it sent this; jobs sent before a later one are void. */
  readonly epoch: number;
  readonly attempt: number;
  readonly jobs: readonly number[];
  /** Arguments in canonical JSON, joined by `argsSeparator`, where the worker has no recipe. */
  readonly args?: string;
  /** Which of equal jobs each is; left out where all are the first. */
  readonly same?: readonly number[];
}

export type ToWorker =
  | { readonly type: 'begin'; readonly worker: number; readonly task: WorkerTask }
  | JobsMessage
  | { readonly type: 'leave' };

export type FromWorker = { readonly type: 'ready' } | { readonly type: 'cannot-start'; readonly why: string };

/**
 * What a worker says of its jobs, in their order, on a descriptor of its own and written synchronously: it is on its way when
 * the next job begins. A line of JSON, which says in `bytes` how many bytes follow it.
 */
export type Frame =
  /** Successes: the body of a line of the journal, then `csvBytes` of `results.csv`. */
  | {
      readonly type: 'block';
      readonly bytes: number;
      readonly csvBytes: number;
      readonly jobs: number;
      readonly sumMs: number;
      readonly maxMs: number;
      /** Cells of the rows, as far as this worker knows; no rows yet: null. */
      readonly width: number | null;
      /** Of its rows so far, where the experiment names no columns. */
      readonly widths?: Widths | undefined;
    }
  | { readonly type: 'failed'; readonly bytes: 0; readonly answer: Answer }
  /** The worker leaves and begins nothing more, whatever else was handed to it. */
  | { readonly type: 'leaving'; readonly bytes: 0 };

/** First words of the executable's command line in its worker role. */
export const workerRole = '__worker';

/** File descriptor for what a worker says in the middle of a job, written synchronously, one line each. */
export const marksFd = 3;
/** File descriptor of the frames. */
export const framesFd = 4;
/** First characters of these lines: how far a job is, … */
export const progressMark = 'p';
/** … a line of its log, … */
export const logMark = 'l';
/** … `initializeWorker` begins, … */
export const initialisingMark = 'i';
/** … the memory in use, in bytes, which is the worker's end, … */
export const memoryMark = 'm';
/** … the connection to the parent is cut from this side, … */
export const disconnectMark = 'd';
/** … and, after a recall, how many jobs the worker has begun in all (modulo 2^20): it will begin no others of those sent. */
export const recallMark = 'r';

/** Byte on the worker's standard input that raises `signal.aborted`. The end of that input is the end of the worker. */
export const abortByte = 'a';
/** Byte that takes back the jobs not begun yet. */
export const recallByte = 'r';

/** In front of what a job prints, on its standard output or error: no text of people holds it. */
export const outputMark = (job: number): string => `\0job ${job}\0`;
export const outputMarkPattern: RegExp = /\0job (\d{1,10})\0/;

/** Where the worker finds the user's NODE_OPTIONS, which are for the programs that jobs start and not for the worker itself. */
export const nodeOptionsVariable = 'JOB_SPLITTER_NODE_OPTIONS';
