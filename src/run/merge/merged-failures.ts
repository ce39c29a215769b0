import { join } from 'node:path';
import { attemptNumber } from '../../core/ids.ts';
import { isRecord } from '../../core/is-record.ts';
import { asArray, decodeFailure } from '../../core/journal/journalled-outcome.ts';
import { decodeJson } from '../../core/json.ts';
import type { Candidate, Origin } from '../../core/merge/candidate.ts';
import { spellFailed, spellHeader } from '../../runtime/failed-file.ts';
import type { Files } from '../../runtime/files.ts';
import { TextFile } from '../../runtime/merge/text-file.ts';

/** `failed.csv` of a merge; there is none where no job failed. */
export class MergedFailures {
  readonly #path: string;
  readonly #files: Files;
  readonly #logName: string;
  #file: TextFile | undefined;

  /** `logName`: of the log within a run folder. */
  constructor(path: string, logName: string, files: Files) {
    this.#path = path;
    this.#files = files;
    this.#logName = logName;
  }

  get isWritten(): boolean {
    return this.#file !== undefined;
  }

  /** Returns the failure's cause. `folder`: the run folder that tells of it. */
  add(candidate: Candidate, { machine, session }: Origin, argsJson: string, folder: string): string {
    if (this.#file === undefined) {
      this.#file = new TextFile(this.#path, this.#files);
      this.#file.write(Buffer.from(spellHeader()));
    }
    const value = decodeJson(candidate.json);
    const failure = isRecord(value) ? decodeFailure(value) : undefined;
    if (failure === undefined) throw new Error('Internal error: a failure without its cause');
    const { job, worker, startedAtMs, endedAtMs, runMicros } = candidate;
    const outcome = {
      ...{ job, worker, startedAtMs, endedAtMs, attempt: attemptNumber(candidate.attempt) },
      args: asArray(decodeJson(argsJson)),
      occurrence: 0,
      runMs: runMicros / 1_000,
      result: { status: 'failed' as const, failure },
    };
    const log = join(folder, this.#logName);
    this.#file.write(Buffer.from(spellFailed([{ outcome, session, machine, log }], log)));
    return failure.cause;
  }

  finish(): void {
    this.#file?.finish();
  }

  close(): void {
    this.#file?.close();
  }
}
