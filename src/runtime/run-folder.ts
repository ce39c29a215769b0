import { join } from 'node:path';
import { hashTexts } from '../core/hash.ts';

/** Where everything in a run folder lies. */
export const journalPath = (folder: string): string => join(folder, 'journal.jsonl');
export const failedPath = (folder: string): string => join(folder, 'failed.csv');
export const summaryPath = (folder: string): string => join(folder, 'summary.json');
/** What `merge` proves of its results. */
export const proofPath = (folder: string): string => join(folder, 'proof.json');
export const reportPath = (folder: string): string => join(folder, 'report.html');
export const logsPath = (folder: string): string => join(folder, 'logs');
/** Within the logs: a file for each worker, a file for each job. */
export const workerLogsPath = (logs: string): string => join(logs, 'workers');
export const jobLogsPath = (logs: string): string => join(logs, 'jobs');
export const lockPath = (folder: string): string => join(folder, 'lock.json');
/** How far the run is: for who looks from outside. */
export const statusPath = (folder: string): string => join(folder, 'status.json');
/** A request to stop, from another process. */
export const stopPath = (folder: string): string => join(folder, 'stop.json');

/** Files of a job that succeeded. */
export const filesPath = (folder: string, job: number): string => join(folder, 'files', String(job));
/** Files of an attempt that is not over. */
export const draftFilesPath = (folder: string, job: number, attempt: number): string =>
  join(folder, 'files', `.${job}.attempt-${attempt}`);
export const isDraftFolder = (name: string): boolean => /^\.\d+\.attempt-\d+$/.test(name);

export const checkpointsPath = (folder: string): string => join(folder, 'checkpoints');
/** By identity, so that a job finds its state again when the pool has grown. */
export const checkpointPath = (folder: string, identity: string): string =>
  join(checkpointsPath(folder), `${hashTexts('job-splitter/checkpoint/v1', identity).slice(0, 32)}.json`);
/** Where a checkpoint is written before it takes the place of the last one. */
export const checkpointDraftPath = (path: string): string => `${path}.new`;
