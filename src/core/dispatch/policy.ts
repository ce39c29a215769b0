import type { Failure } from '../outcome.ts';
import type { HaltRule } from './halt.ts';

/** The settings of `[run]` that the dispatcher goes by, checked and complete. */
export interface DispatchPolicy {
  /** Worker processes at the same time, at least 1. */
  readonly cores: number;
  /** How often a job that throws or runs out of time is tried again. */
  readonly retries: number;
  /** How many worker deaths one job may cause before it is recorded as failed, at least 1. */
  readonly crashLimit: number;
  /** Time limit of one attempt. */
  readonly timeoutMs: number | undefined;
  /** How long a job may go on after its signal was raised. */
  readonly graceMs: number;
  /** Jobs in one message to a worker; `auto` goes by the measured job time. */
  readonly chunkJobs: number | 'auto';
  readonly jobsPerWorkerMax: number | undefined;
  readonly halt: HaltRule;
  /**
   * Nothing is started that would not be finished by then (milliseconds since 1970). Judged by the longest recent job;
   * a job that is running all the same at that time is not killed.
   */
  readonly untilMs?: number | undefined;
  /** How long a job takes at most, as far as known before the first answer; for `untilMs`. */
  readonly jobMsPrior?: number | undefined;
  /** How long a worker may take to say that it is ready; `startTimeoutDefaultMs` where not given. */
  readonly startTimeoutMs?: number | undefined;
}

/** Generous: `initializeWorker` may load much. A worker that never gets ready must not hold up the run for ever. */
export const startTimeoutDefaultMs = 600_000;

/** A killed process that is still there after this is given up (stuck in the kernel); nobody waits for it at the end. */
export const unkillableMs = 15_000;

/**
 * So long a worker keeps answers for company while it goes on with other jobs: what a message costs (up to 2 ms of the main
 * process, whose code is cold by then, and which has no core of its own) must not show. What is lost with a worker that dies is
 * no more work than this.
 */
export const gatherMs = 500;

/**
 * A worker that has given no sign for so long is stuck on one job: what waits behind it is taken back. Above `gatherMs`, so
 * that a machine that stumbles recalls nothing.
 */
export const recallAfterMs = 750;

/** A worker without a job that still owes its word about a recall is sent home after this: it may not be fed. */
export const recallPatienceMs = 5_000;

/** A worker that cannot start so often in a row ends the run: something is wrong with the machine or the experiment. */
export const workerStartFailuresMax = 10;

/** Wait before the n-th new try at starting a worker (n from 1), so that a failing start is no busy loop. */
export function respawnDelayMs(failuresInARow: number): number {
  return failuresInARow === 0 ? 0 : Math.min(2_000, 25 * 2 ** failuresInARow);
}

/** What is recorded of a job past its time limit. */
export function timeoutFailure(timeoutMs: number | undefined): Omit<Failure, 'stack'> {
  return {
    cause: 'timeout',
    message: `ran longer than the time limit of ${(timeoutMs ?? 0) / 1_000} s ([run] timeout)`,
  };
}

export function startTimeoutFailure({ startTimeoutMs = startTimeoutDefaultMs }: DispatchPolicy): string {
  return `it was not ready after ${startTimeoutMs / 1_000} s (does initializeWorker wait for something?)`;
}
