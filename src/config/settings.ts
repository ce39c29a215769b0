import type { HaltRule } from '../core/dispatch/halt.ts';

/** Every setting that job-splitter itself knows, checked and complete. */
export interface Settings {
  readonly progressPool: ProgressPoolSettings;
  readonly logging: LoggingSettings;
  readonly results: ResultsSettings;
  readonly run: RunSettings;
  readonly random: RandomSettings;
}

export interface ProgressPoolSettings {
  /** Characters of a bar. */
  readonly barLength: number;
  /** Jobs in one message to a worker. */
  readonly chunksize: number | 'auto';
  /** 0: lowest running job and total; 1: all running jobs and total; 2: plain lines. */
  readonly style: '0' | '1' | '2';
}

export interface LoggingSettings {
  readonly fileName: string;
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  /** Compress rotated files. */
  readonly autoZip: boolean;
  readonly maxFileSizeBytes: number;
  readonly backupCount: number;
  readonly perProcess: boolean;
  readonly perJob: 'no' | 'failed' | 'all';
}

export interface ResultsSettings {
  readonly fileName: string;
  readonly compress: boolean;
  readonly includeStartTime: boolean;
  readonly includeJobInterval: boolean;
  readonly includeJobStartTime: boolean;
  readonly includeJobDoneTime: boolean;
  readonly includeJobId: boolean;
  readonly includeMachine: boolean;
  readonly includeAttempt: boolean;
  readonly includeSeed: boolean;
  readonly includeArguments: boolean;
  readonly timestamps: 'iso' | 'unix';
}

export interface RunSettings {
  readonly retries: number;
  readonly timeoutMs: number | undefined;
  readonly graceMs: number;
  readonly crashLimit: number;
  readonly maxJobsPerWorker: number | undefined;
  readonly memoryLimitBytes: number | undefined;
  readonly nice: number;
  readonly halt: HaltRule;
  /** With `--engine`: jobs of a machine that gave no sign for so long go to others. */
  readonly leaseMs: number;
  /** With `--engine`: so long a server may be away before this machine ends. */
  readonly serverWaitMs: number;
  readonly order: 'shuffled' | 'given';
}

export interface RandomSettings {
  readonly stream: 'same' | 'per-job';
  /** Fixes the seed instead of the experiment digest. */
  readonly seed: string | undefined;
  readonly mathRandom: 'job' | 'native';
}
