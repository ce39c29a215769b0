import { type Reader, readBoolean } from './readers.ts';
import {
  bytes,
  count,
  haltRule,
  logLevel,
  milliseconds,
  oneOf,
  orAuto,
  orNone,
  plainFileName,
  positiveMilliseconds,
  resultsFileName,
  textLine,
  wholeNumber,
} from './setting-kinds.ts';
import type { Settings } from './settings.ts';

/** One setting: its name in the file, its default as it would stand there, how it is read. */
export interface Setting<Value> {
  readonly name: string;
  readonly fallback: string;
  readonly read: Reader<Value>;
}

export type SettingsTable = {
  readonly [Section in keyof Settings]: {
    readonly section: string;
    readonly settings: { readonly [Name in keyof Settings[Section]]: Setting<Settings[Section][Name]> };
  };
};

function setting<Value>(name: string, fallback: string, read: Reader<Value>): Setting<Value> {
  return { name, fallback, read };
}

/** THE list of settings: their types, the file, the flags and the checks all come from here. */
export const settingsTable: SettingsTable = {
  progressPool: {
    section: 'ProgressPool',
    settings: {
      barLength: setting('bar_length', '50', wholeNumber(1, 500)),
      chunksize: setting('chunksize', 'auto', orAuto(wholeNumber(1, 100_000))),
      style: setting('style', '1', oneOf('0', '1', '2')),
    },
  },
  logging: {
    section: 'logging',
    settings: {
      fileName: setting('file_name', 'run.log', plainFileName),
      level: setting('level', 'info', logLevel),
      autoZip: setting('auto_zip', 'true', readBoolean),
      maxFileSizeBytes: setting('max_file_size', '64M', bytes(1024)),
      backupCount: setting('backup_count', '10', count(0, 100_000)),
      perProcess: setting('per_process', 'no', readBoolean),
      perJob: setting('per_job', 'no', oneOf('no', 'failed', 'all')),
    },
  },
  results: {
    section: 'results',
    settings: {
      fileName: setting('file_name', 'results.csv', resultsFileName),
      compress: setting('compress', 'no', readBoolean),
      includeStartTime: setting('include_start_time', 'yes', readBoolean),
      includeJobInterval: setting('include_job_interval', 'yes', readBoolean),
      includeJobStartTime: setting('include_job_start_time', 'yes', readBoolean),
      includeJobDoneTime: setting('include_job_done_time', 'no', readBoolean),
      includeJobId: setting('include_job_id', 'yes', readBoolean),
      includeMachine: setting('include_machine', 'no', readBoolean),
      includeAttempt: setting('include_attempt', 'no', readBoolean),
      includeSeed: setting('include_seed', 'no', readBoolean),
      includeArguments: setting('include_arguments', 'no', readBoolean),
      timestamps: setting('timestamps', 'iso', oneOf('iso', 'unix')),
    },
  },
  run: {
    section: 'run',
    settings: {
      retries: setting('retries', '2', wholeNumber(0, 1_000)),
      timeoutMs: setting('timeout', 'none', orNone(positiveMilliseconds)),
      graceMs: setting('grace', '10s', milliseconds),
      crashLimit: setting('crash_limit', '3', wholeNumber(1, 1_000)),
      maxJobsPerWorker: setting('max_jobs_per_worker', 'none', orNone(wholeNumber(1, 4_294_967_295))),
      memoryLimitBytes: setting('memory_limit', 'none', orNone(bytes(1024 ** 2))),
      nice: setting('nice', '19', wholeNumber(-20, 19)),
      halt: setting('halt', 'auto', haltRule),
      leaseMs: setting('lease', '30s', positiveMilliseconds),
      serverWaitMs: setting('server_wait', '1h', milliseconds),
      order: setting('order', 'shuffled', oneOf('shuffled', 'given')),
    },
  },
  random: {
    section: 'random',
    settings: {
      stream: setting('stream', 'same', oneOf('same', 'per-job')),
      seed: setting('seed', 'none', orNone(textLine)),
      mathRandom: setting('math_random', 'job', oneOf('job', 'native')),
    },
  },
};

export const settingsSections: readonly string[] = Object.values(settingsTable).map(({ section }) => section);

/** The names in one section; none for a section that is the user's own. */
export function namesOfSettings(section: string): readonly string[] {
  const table = Object.values(settingsTable).find((candidate) => candidate.section === section);
  return table === undefined ? [] : Object.values<Setting<unknown>>(table.settings).map(({ name }) => name);
}

/** Names that the Python original had, and why they mean nothing here. */
export const formerSettings: ReadonlyMap<string, string> = new Map([
  ['logging.format', 'the log is JSON lines; `logs` prints them in a readable form'],
]);
