import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { python } from './python.ts';

export interface Command {
  readonly words: readonly [string, ...string[]];
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The program's board shows only on a terminal; then standard error is one. */
  readonly terminal?: boolean;
  /** How often processor time and memory of the main process are read; by default never, as reading costs, too. */
  readonly sampleS?: number;
  /** Default 0. */
  readonly expectedCode?: number;
}

/** What a whole process cost, from its start to its end. */
export interface Measured {
  /** Seconds since 1970. */
  readonly startedAtS: number;
  readonly wallS: number;
  /** User and system time of the process and of the children it waited for. */
  readonly cpuS: number;
  /** Of the main process alone. */
  readonly mainCpuS: number;
  /** Highest resident memory of the main process; only with samples. */
  readonly mainPeakKib: number;
  /** Seconds since the start, processor seconds of the main process until then. */
  readonly samples: readonly (readonly [number, number])[];
  readonly stdout: string;
}

const timeoutS = 900;

/** Runs a command to its end. Throws if it does not end as expected. */
export function measure(command: Command): Measured {
  const { words, folder, terminal = false, sampleS = 0, expectedCode = 0 } = command;
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    TERM: 'xterm-256color',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const spec = { words, cwd: folder, env: { ...env, ...command.environment }, terminal, sampleS, timeoutS };
  const script = join(import.meta.dirname, 'measure.py');
  const { stdout, stderr, error } = spawnSync(python(), [script, JSON.stringify(spec)], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw error;
  if (stdout === '') throw new Error(`${words.join(' ')} could not be measured:\n${stderr}`);
  const result: Measured & { readonly code: number; readonly timedOut: boolean; readonly stderr: string } =
    JSON.parse(stdout);
  if (result.timedOut) throw new Error(`${words.join(' ')} did not end within ${timeoutS} s`);
  if (result.code !== expectedCode) {
    throw new Error(`${words.join(' ')} ended with ${result.code}, not ${expectedCode}:\n${result.stderr}`);
  }
  return result;
}
