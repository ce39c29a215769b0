import { assert, unreachable } from '../core/assert.ts';
import type { JobIndex } from '../core/ids.ts';
import type { CommitEffect, GroupCommit } from '../core/journal/commit.ts';
import { type Checksum, encodeLine, encodeSpeltLine, type Piece } from '../core/journal/line.ts';
import { encodeFailedOutcome, type SpeltJob } from '../core/journal/record.ts';
import type { Block, FailedOutcome } from '../core/outcome.ts';
import type { Clock } from './clock.ts';
import type { FlushResult, JournalSink } from './ports.ts';
import { Undurable } from './undurable.ts';
import { WakeUp } from './wake-up.ts';

export interface JournalParts {
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly sink: JournalSink;
  readonly checksum: Checksum;
  readonly nextSeq: number;
  readonly spell: (job: JobIndex) => SpeltJob;
}

export interface JournalListener {
  /** These outcomes are on disk. */
  durable(settled: ReturnType<Undurable['take']>): void;
  /** No new jobs while what is done cannot be kept; and when it can be again. */
  hold(held: boolean): void;
  /** The disk refuses; told once until it takes something again. */
  stuck(why: string): void;
  broken(why: string): void;
  /** The disk has answered, or a time has come. */
  moved(): void;
}

/** Gives the journal's lines their numbers and performs what `GroupCommit` asks for. */
export class JournalWriter {
  readonly #parts: JournalParts;
  readonly #listener: JournalListener;
  readonly #undurable = new Undurable();
  readonly #wake: WakeUp;
  #nextSeq: number;
  #isStuck = false;
  #broken: string | undefined;

  constructor(parts: JournalParts, listener: JournalListener) {
    this.#parts = parts;
    this.#listener = listener;
    this.#nextSeq = parts.nextSeq;
    this.#wake = new WakeUp(parts.clock, () => {
      this.tick();
      listener.moved();
    });
  }

  /** Why it cannot be written any more. */
  get broken(): string | undefined {
    return this.#broken;
  }

  /** Nothing waits for the disk. */
  get isQuiet(): boolean {
    return this.#parts.commit.isQuiet;
  }

  append(bodyJson: string): number {
    const line = encodeLine(this.#nextSeq++, bodyJson, this.#parts.checksum);
    return this.#parts.commit.append([line], this.#nowMs);
  }

  addFailure(failure: FailedOutcome): void {
    const ticket = this.append(encodeFailedOutcome(failure, this.#parts.spell(failure.job)));
    this.#undurable.add(ticket, { failure });
  }

  addBlock(block: Block): void {
    const line = encodeSpeltLine(this.#nextSeq++, block.body, this.#parts.checksum);
    this.#undurable.add(this.#parts.commit.append(line, this.#nowMs), { block });
  }

  tick(): void {
    this.#perform(this.#parts.commit.tick(this.#nowMs));
  }

  /** Nothing more will come: nothing waits for company. */
  hurry(): void {
    this.#perform(this.#parts.commit.hurry(this.#nowMs));
  }

  /** A disk that refuses is tried for so long yet. */
  giveUpIn(ms: number): void {
    this.#perform(this.#parts.commit.giveUpAt(this.#nowMs + ms, this.#nowMs));
  }

  /** Once it is quiet or broken. Returns how many finished jobs it does not hold. */
  end(): number {
    assert(this.#broken !== undefined || this.#undurable.isEmpty, 'the run ended with outcomes not on disk');
    this.#wake.cancel();
    return this.#undurable.countJobs();
  }

  get #nowMs(): number {
    return this.#parts.clock.nowMs();
  }

  #perform(effects: readonly CommitEffect[]): void {
    for (const effect of effects) this.#performOne(effect);
  }

  #performOne(effect: CommitEffect): void {
    switch (effect.type) {
      case 'flush':
        this.#flush(effect.text, effect.positionBytes);
        break;
      case 'durable':
        this.#announce(effect.ticket);
        this.#isStuck = false;
        this.#listener.hold(false);
        break;
      case 'wake':
        this.#wake.at(effect.atMs);
        break;
      case 'full':
        this.#listener.hold(true);
        break;
      case 'stuck':
        if (!this.#isStuck) this.#listener.stuck(effect.why);
        this.#isStuck = true;
        this.#listener.hold(true);
        break;
      case 'broken':
        this.#broken = effect.why;
        this.#listener.broken(effect.why);
        break;
      default:
        unreachable(effect);
    }
  }

  #flush(text: readonly Piece[], positionBytes: number): void {
    this.#parts.sink.flush(text, positionBytes, (result) => {
      this.#perform(this.#answer(result));
      this.#listener.moved();
    });
  }

  #answer(result: FlushResult): readonly CommitEffect[] {
    const { commit } = this.#parts;
    return result.ok
      ? commit.flushed(result.bytes, this.#nowMs)
      : commit.failed(result.why, result.mayPass, this.#nowMs);
  }

  #announce(ticket: number): void {
    const settled = this.#undurable.take(ticket);
    if (settled.blocks.length + settled.failures.length > 0) this.#listener.durable(settled);
  }
}
