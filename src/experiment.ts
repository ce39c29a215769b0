import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import type { Random } from './core/random.ts';
import type { Rows } from './core/rows.ts';

/** What an experiment's file may import types of; `api.ts` hands them on. */
export type Scalar = string | number | boolean | null;

type Widen<T> = T extends number
  ? number
  : T extends string
    ? string
    : T extends boolean
      ? boolean
      : T extends readonly unknown[] | object
        ? { -readonly [K in keyof T]: Widen<T[K]> }
        : T;

/** The arguments a job of type `J` is called with: a bare value is a 1-tuple. */
export type JobArguments<J> = J extends readonly unknown[] ? { -readonly [K in keyof J]: Widen<J[K]> } : [Widen<J>];

/** What `reduce` sees of a job that returns `R`. Objects become their cells in the order of `columns`. */
export type RowOf<R> =
  R extends Rows<infer Q>
    ? RowOf<Q>
    : R extends readonly unknown[]
      ? { -readonly [K in keyof R]: Widen<R[K]> }
      : R extends Scalar
        ? [Widen<R>]
        : R extends ArrayBufferView
          ? number[]
          : R extends object
            ? unknown[]
            : [];

/** Refuses, while the experiment is being written, what a results file cannot hold. */
export type Storable<R> = R extends bigint | symbol | ((...args: never) => unknown)
  ? never
  : R extends readonly unknown[]
    ? { [K in keyof R]: Storable<R[K]> }
    : R;

export interface Progress {
  /**
   * Tells how far this job is: `value` of `base` (default 100), and with `message` what it is at (its first 200 characters
   * are shown). Cheap enough for a tight loop. Throws a RangeError outside 0…base.
   */
  report(value: number, base?: number, message?: string): void;
}

export interface Checkpoint {
  /**
   * On disk when it returns. The state may be anything that JSON can hold, up to 64 MiB of it (else a RangeError);
   * a TypeError names what JSON cannot hold.
   */
  save(state: unknown): void;
  /** The state last saved for this job, by any attempt on this machine; `undefined` if there is none. It goes when the job is settled. */
  load(): unknown;
}

/** What a job gets besides its arguments, `random` and `config`. */
export interface Context {
  readonly progress: Progress;
  readonly log: Logger;
  readonly checkpoint: Checkpoint;
  /** `aborted` turns true when the run is being stopped, also inside a busy loop. */
  readonly signal: AbortSignal;
  /** The job's place in the pool, from 0. */
  readonly index: number;
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** The folder of the files packed with ASSETS. Throws where none were. */
  readonly assets: string;
  /** An independent generator for this job, derived from seed and job alone. */
  readonly stream: Random;
  /**
   * A path private to this attempt; the file (or folder) moves to `files/<job id>/` in the run folder when the job
   * succeeds, its SHA-256 stands in the journal. Throws a RangeError for what is no file name on some system.
   */
  readonly file: (name: string) => string;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a job without `return` has the type void
export type JobResult = Scalar | readonly unknown[] | object | undefined | void;

/** Where jobs come from. */
export type Jobs<J> = Iterable<J> | AsyncIterable<J>;

export interface RunSummary {
  readonly experiment: string;
  readonly machine: string;
  readonly jobs: { readonly total: number; readonly done: number; readonly failed: number; readonly retried: number };
  readonly reduced?: unknown;
  readonly [name: string]: unknown;
}

export interface ResultMeta {
  readonly index: number;
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly runMs: number;
}

export interface Experiment<J, R extends JobResult, A> {
  /** Names the run folder; default: the entry's file name. */
  readonly name?: string;
  /** The pool: any (async) iterable of jobs, or a function that returns one. */
  readonly jobs: Jobs<J> | ((config: Config, files: { readonly assets: string }) => Jobs<J> | Promise<Jobs<J>>);
  /** Names of the result columns. */
  readonly columns?: readonly string[];
  /** Once per machine, before the first job. */
  readonly setup?: (config: Config) => unknown;
  /** Once per worker process. */
  readonly initializeWorker?: (config: Config) => unknown;
  /** Runs one job. */
  job(
    ...all: [...args: JobArguments<J>, random: Random, config: Config, context: Context]
  ): (R & Storable<R>) | Promise<R & Storable<R>>;
  /** In the main process, for each result once it is on disk. */
  readonly onResult?: (row: RowOf<R>, meta: ResultMeta, config: Config) => unknown;
  /** A fold over all rows in pool order; stands below `job`, from which it takes its types. */
  readonly reduce?: (accumulator: A, row: RowOf<R>) => A;
  /** What the fold starts from; cloned per fold. */
  readonly reduceStart?: A;
  /** Once, at the end; one that throws is called again at the next start. */
  readonly teardown?: (summary: RunSummary, config: Config) => unknown;
  /** Fixes the seed instead of the digest. */
  readonly overrideSeed?: string | number;
}

/** An experiment as the program handles it, its types forgotten. */
export interface AnyExperiment {
  readonly name?: string;
  readonly jobs: unknown;
  readonly columns?: readonly string[];
  readonly setup?: (config: Config) => unknown;
  readonly initializeWorker?: (config: Config) => unknown;
  readonly job: (...all: readonly unknown[]) => unknown;
  readonly onResult?: (row: readonly unknown[], meta: ResultMeta, config: Config) => unknown;
  readonly reduce?: (accumulator: unknown, row: readonly unknown[]) => unknown;
  readonly reduceStart?: unknown;
  readonly teardown?: (summary: RunSummary, config: Config) => unknown;
  readonly overrideSeed?: string | number;
}
