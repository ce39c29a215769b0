import { isRecord } from './is-record.ts';

/** pino's levels. */
export const logLevels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;
export type LogLevel = keyof typeof logLevels;

/** One line of a log, with what is asked for apart. */
export interface LogLine {
  readonly level: number;
  /** Milliseconds since 1970, by the clock of the machine that wrote it; `undefined`: it says none. */
  readonly timeMs: number | undefined;
  readonly worker: number | undefined;
  /** Jobs it is about. */
  readonly jobs: readonly number[];
  readonly message: string;
  /** Everything else. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** `undefined`: no line of a log (a torn one, or something else was written there). */
export function parseLogLine(text: string): LogLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { level, time, worker, job, msg, ...rest } = value;
  return {
    level: typeof level === 'number' ? level : logLevels.info,
    timeMs: typeof time === 'number' && Number.isFinite(time) ? time : undefined,
    worker: typeof worker === 'number' ? worker : undefined,
    jobs: jobsOf(job, rest.jobs),
    message: typeof msg === 'string' ? msg : '',
    rest,
  };
}

function jobsOf(job: unknown, jobs: unknown): readonly number[] {
  if (typeof job === 'number') return [job];
  return Array.isArray(jobs) ? jobs.filter((one): one is number => typeof one === 'number') : [];
}

/** The name of a level, also of one in between. */
export function nameOfLevel(level: number): LogLevel {
  const names = Object.entries(logLevels) as [LogLevel, number][];
  return names.findLast(([, least]) => level >= least)?.[0] ?? 'trace';
}
