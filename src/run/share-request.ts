import { join } from 'node:path';
import type { BuildInfo } from '../build-info.ts';
import { escapeMachineName } from '../config/machine-name.ts';
import type { Result } from '../core/diagnostic.ts';
import type { StopHow } from '../core/dispatch/protocol.ts';
import type { JobIndex, MachineName } from '../core/ids.ts';
import { piecesOf } from '../core/rescue/piece.ts';
import { countOf } from '../core/rescue/ranges.ts';
import type { Reporter } from '../core/run-event.ts';
import type { AnyExperiment } from '../experiment.ts';
import type { DispatcherEnd } from '../runtime/dispatcher.ts';
import type { Engine } from '../runtime/engine/engine.ts';
import type { Outside } from '../runtime/outside.ts';
import type { LockHolder } from '../runtime/run-lock.ts';
import type { WorkerStarts } from '../runtime/worker-starts.ts';
import { allMachines, type Prepared } from './prepare.ts';
import type { CodeChange } from './resume.ts';
import type { Summary } from './summary.ts';

export interface ShareRequest {
  readonly experiment: AnyExperiment;
  readonly build: BuildInfo;
  readonly prepared: Prepared;
  /** `allMachines`: every job, here. */
  readonly machine: MachineName;
  readonly cores: number;
  readonly out: string | undefined;
  readonly retryFailed: boolean;
  readonly rerunOlderCode: boolean;
  /** Whether to go on although the code has changed. */
  readonly acceptCode: (change: CodeChange) => boolean | Promise<boolean>;
  /** Start nothing that would not be finished by then; milliseconds since 1970. */
  readonly untilMs: number | undefined;
  /** These jobs instead of the machine's share (`--sample`). */
  readonly only?: readonly JobIndex[];
  /** Brings jobs and takes outcomes, instead of the machine's share; it is ended by whoever is given it. */
  readonly engine?: Engine | undefined;
  readonly reporter: Reporter;
  /** Called with what stops the run; again where it goes on with what a rescue brings. */
  readonly onStarted: (stop: (how: StopHow) => void) => void;
  /** Called when all else is done, before the experiment's `teardown`. */
  readonly onTeardown?: (ended: Concluded) => void;
  /** Workers that were started while the plan was made. */
  readonly starts?: WorkerStarts | undefined;
  /** Instead of the real files, clock and workers. */
  readonly outside?: Outside;
}

/** `left-campaign`: jobs are left that the engine brings no more. */
export type SessionEnd = DispatcherEnd | { readonly reason: 'left-campaign'; readonly why: string };

export type ShareEnd =
  | (LockHolder & { readonly kind: 'locked'; readonly folder: string })
  /** Everything was settled already; nothing was touched. */
  | { readonly kind: 'finished'; readonly summary: Summary; readonly folder: string }
  | {
      readonly kind: 'ended';
      /** Else everything was settled already, and only what is made of the results was made anew. */
      readonly hasRun: boolean;
      readonly end: SessionEnd;
      readonly summary: Summary;
      readonly folder: string;
      readonly left: number;
      /** What the experiment's `teardown` came to; where `reduce` failed, that. */
      readonly teardown: Result<unknown>;
    };

export type Concluded = Omit<Extract<ShareEnd, { readonly kind: 'ended' }>, 'teardown'>;

/** How many jobs a machine is responsible for, by the plan and the rescues. */
export function countShare({ pool, pieces }: Prepared, machine: MachineName): number {
  return machine === allMachines ? pool.length : countOf(piecesOf(pieces, machine));
}

export function runFolderOf({ files, name }: Pick<Prepared, 'files' | 'name'>, machine: MachineName): string {
  return join(files.folder, `${escapeMachineName(name)}.${escapeMachineName(machine)}`);
}
