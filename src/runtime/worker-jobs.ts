import { unreachable } from '../core/assert.ts';
import type { Assignment } from '../core/dispatch/protocol.ts';
import type { WorkerId } from '../core/ids.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { isBlockOf } from './is-block-of.ts';
import type { WorkerListener } from './ports.ts';
import { SentJobs } from './sent-jobs.ts';
import { countModulo } from './worker/claims.ts';
import type { Frame } from './worker/messages.ts';
import type { EndFacts } from './worker-end.ts';

/**
 * What a worker was sent, and what it says of it. A job may write on the worker's descriptors: what cannot be true is not
 * passed on, and ends the worker.
 */
export class WorkerJobs {
  readonly #worker: WorkerId;
  readonly #listener: Pick<WorkerListener, 'block' | 'failed' | 'recalled'>;
  readonly #learn: (facts: Partial<EndFacts>) => void;
  readonly #kill: () => void;
  readonly #sent = new SentJobs();
  readonly #splitter = new FrameSplitter(
    (frame, body) => this.#takeFrame(frame, body),
    () => this.#distrust(),
  );
  #openRecalls = 0;
  #isDistrusted = false;

  constructor(
    worker: WorkerId,
    listener: Pick<WorkerListener, 'block' | 'failed' | 'recalled'>,
    learn: (facts: Partial<EndFacts>) => void,
    kill: () => void,
  ) {
    this.#worker = worker;
    this.#listener = listener;
    this.#learn = learn;
    this.#kill = kill;
  }

  get running(): Assignment | undefined {
    return this.#sent.running;
  }

  /** Whether it may be at this job: the answers to those before it may still wait in the worker. */
  holds(job: number): boolean {
    return this.#sent.holds(job);
  }

  get epoch(): number {
    return this.#sent.epoch;
  }

  add(assignments: readonly Assignment[]): void {
    this.#sent.add(assignments);
  }

  /** It is asked what it has not begun. */
  recall(): void {
    this.#openRecalls++;
  }

  /** How many jobs it has begun. Other lines may look like it: pieces of a long log line. */
  recalled(text: string): void {
    const begun = Number(text);
    if (this.#openRecalls === 0 || !/^\d{1,7}$/.test(text) || begun >= countModulo) return;
    this.#openRecalls--;
    const returned = this.#sent.takeBack(begun);
    if (returned === undefined) this.#distrust();
    else this.#listener.recalled(returned);
  }

  hear(chunk: Buffer): void {
    this.#splitter.add(chunk);
  }

  #distrust(): void {
    this.#isDistrusted = true;
    this.#learn({ isDistrusted: true });
    this.#kill();
  }

  #takeFrame(frame: Frame, text: Buffer): void {
    if (this.#isDistrusted) return;
    switch (frame.type) {
      case 'block':
        this.#takeBlock(frame, text);
        break;
      case 'failed':
        if (this.#sent.take(1)?.[0]?.job === frame.answer.job) this.#listener.failed(frame.answer);
        else this.#distrust();
        break;
      case 'leaving':
        this.#learn({ isRetired: true });
        break;
      default:
        unreachable(frame);
    }
  }

  #takeBlock(
    { jobs: count, csvBytes, sumMs, maxMs, width, widths }: Extract<Frame, { type: 'block' }>,
    text: Buffer,
  ): void {
    const answered = this.#sent.take(count) ?? [];
    const attempt = answered[0]?.attempt;
    const jobs = answered.map(({ job }) => job);
    const csvFrom = text.length - csvBytes;
    const body = text.subarray(0, csvFrom);
    if (attempt === undefined || !isBlockOf(body, this.#worker, attempt, jobs)) {
      this.#distrust();
      return;
    }
    const csv = text.subarray(csvFrom);
    this.#listener.block({
      ...{ worker: this.#worker, attempt, jobs, sumMs, maxMs },
      ...{ width: width ?? undefined, widths, body, csv },
    });
  }
}
