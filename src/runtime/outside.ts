import { type Clock, systemClock } from './clock.ts';
import { type Files, systemFiles } from './files.ts';
import type { Spawner } from './ports.ts';
import { processSpawner, type WorkerProcesses } from './worker-process.ts';

/** What a run touches outside of itself, each thing with a twin in the tests. */
export interface Outside {
  readonly files: Files;
  readonly clock: Clock;
  readonly createSpawner: (workers: WorkerProcesses) => Spawner;
}

export function realOutside(): Outside {
  return { files: systemFiles, clock: systemClock(), createSpawner: processSpawner };
}
