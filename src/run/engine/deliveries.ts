import type { JobIndex } from '../../core/ids.ts';
import type { FoldedOutcome } from '../../core/journal/fold.ts';
import { partOfBlock } from '../../core/journal/part-of-block.ts';
import { encodeFailedOutcome, encodeSession, type JournalSession } from '../../core/journal/record.ts';
import type { SettledPart } from '../../core/journal/settled.ts';
import { encodeJson } from '../../core/json.ts';
import type { Block, FailedOutcome } from '../../core/outcome.ts';
import type { Delivery } from '../../runtime/engine/engine.ts';
import type { Prepared } from '../prepare.ts';
import { spellJob } from '../spell-job.ts';

/** Makes deliveries of what the journal holds, or is just getting. */
export class Deliveries {
  readonly #prepared: Prepared;
  readonly #headerJson: string;

  constructor(prepared: Prepared, headerJson: string) {
    this.#prepared = prepared;
    this.#headerJson = headerJson;
  }

  ofBlock({ body, jobs, sumMs }: Block, session: JournalSession): Delivery {
    return { ...this.#of(session), body, jobs, failed: false, sumMs };
  }

  ofFailure(failure: FailedOutcome, session: JournalSession): Delivery {
    const text = encodeFailedOutcome(failure, spellJob(this.#prepared, failure.job));
    return { ...this.#of(session), body: toUtf8.encode(text), jobs: [failure.job], failed: true, sumMs: failure.runMs };
  }

  /** What a part of the journal says that still counts. */
  *ofPart({ session, block, outcomes }: SettledPart): Generator<Delivery> {
    if (block === undefined) {
      for (const folded of outcomes()) yield this.#ofOutcome(folded);
      return;
    }
    const jobs = block.jobs.filter((job) => block.counts(job));
    const bodyJson = bodyOf(new TextDecoder().decode(block.text));
    const isWhole = jobs.length === block.jobs.length;
    const text = isWhole ? bodyJson : partOfBlock(bodyJson, (job) => block.counts(job as JobIndex));
    yield { ...this.#of(session), body: toUtf8.encode(text), jobs, failed: false, sumMs: 0 };
  }

  #ofOutcome({ outcome, session }: FoldedOutcome): Delivery {
    const { job, args, occurrence, attempt, worker, startedAtMs, endedAtMs, runMs, result } = outcome;
    const how =
      result.status === 'failed'
        ? { failure: result.failure }
        : { rows: result.rows, ...(result.files !== undefined && { files: result.files }) };
    const same = occurrence === 0 ? {} : { same: occurrence };
    const item = { job, args, ...same, attempt, worker, start: startedAtMs, end: endedAtMs, run: runMs, ...how };
    const text = encodeJson({ type: 'outcomes', list: [item] });
    return {
      ...this.#of(session),
      body: toUtf8.encode(text),
      jobs: [job],
      failed: result.status === 'failed',
      sumMs: 0,
    };
  }

  /** What a session declared void in its own journal is void already. */
  #of({ retryFailed: _, rerunOlderCode: __, ...session }: JournalSession) {
    return { headerJson: this.#headerJson, sessionJson: encodeSession(session) };
  }
}

const toUtf8 = new TextEncoder();

/** A line of the journal without its checksum and its number. */
function bodyOf(line: string): string {
  const start = /^\{"crc":"[0-9a-f]{8}","seq":\d+,/.exec(line)?.[0];
  if (start === undefined) throw new Error('Internal error: this is no line of a journal');
  return `{${line.slice(start.length)}`;
}
