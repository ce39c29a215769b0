import type { Answer, Assignment, WorkerEnd } from '../core/dispatch/protocol.ts';
import type { JobIndex, WorkerId } from '../core/ids.ts';
import type { Piece } from '../core/journal/line.ts';
import type { Block } from '../core/outcome.ts';

/** What a worker tells; called never from within `spawn` itself. `ended` is the last call. */
export interface WorkerListener {
  ready(pid: number): void;
  /** Its next jobs have succeeded. */
  block(block: Block): void;
  failed(answer: Answer): void;
  /** The reply to `recall`, once for each: jobs that it was sent and will surely not begin. */
  recalled(assignments: readonly Assignment[]): void;
  /** `message`: in the job's own words, one line. */
  progress(job: JobIndex, fraction: number, message: string | undefined): void;
  /** A line of the job's own log, JSON. */
  log(line: string): void;
  /** A line that was printed; by which job, where that is known. */
  output(stream: 'stdout' | 'stderr', text: string, job: JobIndex | undefined): void;
  ended(end: WorkerEnd): void;
}

/** A running worker, as the dispatcher handles it. Calls after its end do nothing. */
export interface WorkerChannel {
  /** The first of the jobs that it was sent and has not answered. */
  readonly running: Assignment | undefined;
  /** All of the same attempt. */
  assign(assignments: readonly Assignment[]): void;
  /** Raises `signal.aborted` in the running job, even inside a busy loop. */
  abort(): void;
  /** Asks, even inside a busy loop, for the assignments that have not begun; `recalled` brings them. */
  recall(): void;
  dismiss(): void;
  /** Kills it and all processes that its jobs started. */
  kill(): void;
}

export interface Spawner {
  spawn(worker: WorkerId, listener: WorkerListener): WorkerChannel;
}

export type FlushResult =
  | { readonly ok: true; readonly bytes: number }
  /** `mayPass`: the disk is full, a quota reached. */
  | { readonly ok: false; readonly why: string; readonly mayPass: boolean };

/** Where journal lines go: written at a position and synced before `done` is called (never from within `flush`). */
export interface JournalSink {
  flush(text: readonly Piece[], positionBytes: number, done: (result: FlushResult) => void): void;
}
