import { type Calibration, calibrate, type Measured } from '../core/calibration.ts';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import type { MachineFacts } from '../core/plan-facts.ts';
import { approximateRatio } from '../core/ratio.ts';
import { factsOf } from './follow-rescue.ts';
import { type MachineTimes, readTimes } from './job-times.ts';
import type { Prepared } from './prepare.ts';
import { sliceOf, withSettled } from './slice.ts';

export interface FolderCalibration extends Calibration {
  /** Machines of the plan of which nothing is known: their entries stay as they are. */
  readonly unknown: readonly MachineFacts[];
}

/** Re-estimates the weights of all machines of which there is a folder with some jobs done. */
export function calibrateFolders(prepared: Prepared, folders: readonly string[]): Result<FolderCalibration> {
  const times = readTimes(prepared, folders);
  if (!times.ok) return times;
  const measured = times.value.flatMap((it) => measure(prepared, it));
  const [first] = measured;
  if (first === undefined) return failed(error('no machine of machines.json has done a job in these folders'));
  const names = measured.map(({ machine }) => machine);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return failed(error(`there are two folders of ${twice}`));
  const unknown = factsOf(prepared.machines).filter(({ name }) => !names.includes(name));
  return ok({ ...calibrate(measured), unknown });
}

/** N/A has no weight. */
function measure(prepared: Prepared, { folder, jobs, sumMs, activeMs }: MachineTimes): readonly Measured[] {
  const { header, fold, settled } = folder;
  const entry = prepared.machines.find(({ name }) => name === header.machine);
  if (entry === undefined || jobs === 0) return [];
  const total = withSettled(sliceOf({ prepared, machine: entry.name }), settled).length;
  return [
    {
      machine: entry.name,
      weight: approximateRatio(entry.weight),
      cores: entry.cores,
      workers: fold.sessions.at(-1)?.cores || entry.cores,
      jobs: total,
      left: Math.max(0, total - settled.size),
      // A job of no measurable length still takes some.
      meanMs: Math.max(sumMs / jobs, 1e-3),
      activeMs,
    },
  ];
}

function error(message: string): Diagnostic {
  return { severity: 'error', message, hint: 'give the run folders of machines, such as sim.lab1 sim.lab2' };
}
