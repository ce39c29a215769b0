import type { AttemptNumber, JobIndex, WorkerId } from '../ids.ts';
import type { AttemptTimes, Failure, JobFile, Outcome } from '../outcome.ts';

/** One job handed to a worker. */
export interface Assignment {
  readonly job: JobIndex;
  readonly attempt: AttemptNumber;
}

/** What a worker says of one assignment. */
export type Answer = Assignment &
  AttemptTimes &
  (
    | { readonly ok: true; readonly rowsJson: string; readonly files?: readonly JobFile[] }
    | { readonly ok: false; readonly failure: Failure }
  );

/** How a worker process came to its end, as far as the operating system tells. */
export interface WorkerEnd {
  /** `retired`: it left by itself after it had answered all that it began; what else it had in hand is untouched. */
  readonly cause: 'crash' | 'memory' | 'retired';
  /** For people: `exit code 3`, `signal SIGSEGV`, … */
  readonly how: string;
}

/** `drain`: start nothing new, let running jobs finish. `now`: signal them, wait `grace`, kill. */
export type StopHow = 'drain' | 'now';

/** What the dispatcher is told. */
export type DispatchEvent =
  | { readonly type: 'begin' }
  | { readonly type: 'worker-ready'; readonly worker: WorkerId }
  | { readonly type: 'answers'; readonly worker: WorkerId; readonly answers: readonly Answer[] }
  /** What comes back unbegun, maybe nothing. All else that was assigned before the recall has begun there and stays. */
  | { readonly type: 'recalled'; readonly worker: WorkerId; readonly assignments: readonly Assignment[] }
  | { readonly type: 'worker-ended'; readonly worker: WorkerId; readonly end: WorkerEnd }
  | { readonly type: 'stop'; readonly how: StopHow }
  | { readonly type: 'hold'; readonly held: boolean }
  | { readonly type: 'tick' };

/** Why a run came to its end. */
export type Finish =
  | { readonly reason: 'complete' }
  | { readonly reason: 'stopped'; readonly how: StopHow }
  | { readonly reason: 'halted'; readonly why: string }
  /** Nothing more would have been finished by the time given. */
  | { readonly reason: 'until' }
  | { readonly reason: 'workers-cannot-start'; readonly how: string };

/** What the dispatcher asks for. */
export type DispatchEffect =
  | { readonly type: 'spawn'; readonly worker: WorkerId }
  | { readonly type: 'assign'; readonly worker: WorkerId; readonly assignments: readonly Assignment[] }
  /** Take back what the worker has not begun; `recalled` says what that is. Nothing is assigned to it before. */
  | { readonly type: 'recall'; readonly worker: WorkerId }
  /** Raise `signal.aborted` in the worker's running job. */
  | { readonly type: 'abort'; readonly worker: WorkerId }
  /** Kill the worker with all its children. */
  | { readonly type: 'kill'; readonly worker: WorkerId }
  /** Ask an idle worker to leave. */
  | { readonly type: 'dismiss'; readonly worker: WorkerId }
  | { readonly type: 'settle'; readonly outcome: Outcome }
  /** An attempt failed and the job will run again. */
  | { readonly type: 'retry'; readonly worker: WorkerId; readonly assignment: Assignment; readonly failure: Failure }
  /** Jobs go back free of charge; `why` is for people. */
  | {
      readonly type: 'give-back';
      readonly worker: WorkerId;
      readonly assignments: readonly Assignment[];
      readonly why: string;
    }
  /** No more is started, and nobody asked for it: a halt, `until`, workers that cannot start. */
  | { readonly type: 'stopping'; readonly how: StopHow; readonly finish: Finish }
  /** Tell me the time again, then at the latest; replaces the wake asked for before. */
  | { readonly type: 'wake'; readonly atMs: number }
  | { readonly type: 'finish'; readonly finish: Finish };
