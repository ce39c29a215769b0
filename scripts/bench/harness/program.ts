import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildExecutables, targetsOf } from '../../../build/executable.ts';
import { distFolder } from '../../../build/folders.ts';
import { type Measured, measure } from './process.ts';

/** A run of the built executable: journal, results with the default columns, log, progress and board on. */
export interface ProgramRun {
  readonly experiment: string;
  readonly jobs: number;
  /** Default 2. */
  readonly cores?: number;
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly sampleS?: number;
  readonly expectedCode?: number;
  /** Where to run: by default a new folder that is removed afterwards. */
  readonly folder?: string;
}

export interface Program {
  (run: ProgramRun): Measured;
  /** The executable. */
  readonly path: string;
  /** Another command of the executable, in a folder that is there; `words` are all it is given. */
  readonly command: (run: ProgramRun & { readonly folder: string }) => Measured;
}
export type InFolder = <Value>(use: (folder: string) => Value) => Value;

/** Builds the fixture once. */
export async function buildProgram(): Promise<Program> {
  const output = join(distFolder, 'bench');
  const [built] = await buildExecutables({
    entry: join(import.meta.dirname, '..', 'fixture.ts'),
    targets: targetsOf(''),
    folder: output,
  });
  if (built === undefined) throw new Error('Internal error: nothing was built');
  const { path } = built;
  const program = (run: ProgramRun): Measured =>
    run.folder === undefined ? inFolder((folder) => start(path, folder, run)) : start(path, run.folder, run);
  return Object.assign(program, {
    path,
    command: ({ experiment, jobs, words = [], sampleS = 0, folder }: ProgramRun & { readonly folder: string }) => {
      const environment = { BENCH: experiment, JOBS: String(jobs) };
      return measure({ words: [path, ...words], folder, environment, sampleS });
    },
  });
}

function start(path: string, folder: string, run: ProgramRun): Measured {
  const { experiment, jobs, cores = 2, words = [], environment = {}, sampleS = 0, expectedCode = 0 } = run;
  const measured = measure({
    words: [path, '--machine', 'N/A', '--yes', '--cores', String(cores), ...words],
    folder,
    environment: { ...environment, BENCH: experiment, JOBS: String(jobs) },
    terminal: true,
    sampleS,
    expectedCode,
  });
  if (expectedCode === 0) assertComplete(folder, jobs);
  return measured;
}

function assertComplete(folder: string, jobs: number): void {
  const { jobs: found } = JSON.parse(readFileSync(join(runFolder(folder), 'summary.json'), 'utf8'));
  if (found.done !== jobs) throw new Error(`${found.done} of ${jobs} jobs are done: ${JSON.stringify(found)}`);
}

export function runFolder(folder: string): string {
  return join(folder, 'bench.all');
}

/** A new folder on the disk of the repository: /tmp is memory on some systems, where a sync costs nothing. */
export const inFolder: InFolder = (use) => {
  mkdirSync(join(distFolder, 'bench'), { recursive: true });
  const folder = mkdtempSync(join(distFolder, 'bench', 'run-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
