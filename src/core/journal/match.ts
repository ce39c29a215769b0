import { type Hex, type JobIndex, jobIndex } from '../ids.ts';
import { encodeJson } from '../json.ts';
import { identityOf, type Occurrences } from '../occurrences.ts';
import type { LazyPool } from '../pool.ts';
import type { JournalFold } from './fold.ts';
import type { JournalledOutcome } from './journalled-outcome.ts';
import { LastLines } from './last-lines.ts';
import { type Checksum, decodeLine } from './line.ts';
import { decodeRecord } from './record.ts';
import { type JournalLines, Settled } from './settled.ts';

/** The pool as it is now. */
export interface PoolNow {
  readonly experimentDigest: Hex;
  readonly pool: LazyPool<readonly unknown[]>;
  readonly occurrences: Occurrences;
}

export interface MatchedOutcomes {
  readonly settled: Settled;
  /** Settled jobs that the pool does not hold any more. They stay in the journal. */
  readonly gone: number;
  /** Jobs whose index is another one than when they were settled. */
  readonly moved: number;
  /** Whether the pool may be another one than when some of them were settled. */
  readonly poolChanged: boolean;
}

/**
 * Finds the jobs of a journal in the pool as it is now. Where the pool has changed (it may have grown, shrunk, been
 * reordered) they are found by identity, which takes a second reading of the journal, and memory for each job
 * whose index is another one now.
 */
export function matchOutcomes(
  fold: JournalFold,
  now: PoolNow,
  lines: () => JournalLines,
  checksum: Checksum,
): MatchedOutcomes {
  // A lost line may have told of another pool: then nothing but the identities can be trusted.
  const indicesHold = fold.experimentDigest === now.experimentDigest && fold.problems.length === 0;
  const eras = fold.eras.filter(({ lines: { size } }) => size > 0);
  if (eras.length === 0 || (indicesHold && eras.every((era) => era === fold.now))) {
    return { settled: new Settled({ fold, lines: fold.now.lines }), gone: 0, moved: 0, poolChanged: false };
  }
  const match = new IdentityMatch(fold, now);
  let number = 0;
  for (const line of lines()) match.see(readOutcomes(line, checksum), ++number);
  return match.finish();
}

function readOutcomes(text: string | Uint8Array, checksum: Checksum): readonly JournalledOutcome[] {
  const line = decodeLine(text, checksum);
  if (!line.ok) return [];
  try {
    const record = decodeRecord(line.body);
    return 'list' in record ? record.list : [];
  } catch {
    return [];
  }
}

/** Of each identity the last line counts. */
class IdentityMatch {
  readonly #fold: JournalFold;
  readonly #now: PoolNow;
  /** Jobs that are where they were, by index. */
  readonly #lines = new LastLines();
  /** The others, by identity; below 0 where that line is void, and hides the earlier ones. */
  readonly #displaced = new Map<string, number>();
  readonly #places = new Map<string, JobIndex>();

  constructor(fold: JournalFold, now: PoolNow) {
    this.#fold = fold;
    this.#now = now;
  }

  see(outcomes: readonly JournalledOutcome[], line: number): void {
    const { lines, voided } = this.#fold.eraOf(line);
    for (const outcome of outcomes) {
      const { job } = outcome;
      const isVoid = voided.get(job) === line;
      if (!isVoid && lines.get(job) !== line) continue;
      const identity = identityOfOutcome(outcome);
      const stays = this.#isAt(job, identity);
      if (!stays) this.#displaced.set(identity, isVoid ? -line : line);
      else if (isVoid) {
        this.#lines.delete(job);
        this.#displaced.delete(identity);
      } else this.#lines.set(job, line);
    }
  }

  finish(): MatchedOutcomes {
    let moved = 0;
    for (let index = 0; index < this.#now.pool.length && this.#displaced.size > 0; index++) {
      const job = jobIndex(index);
      const identity = this.#identityAt(job);
      const line = this.#displaced.get(identity);
      if (line === undefined) continue;
      this.#displaced.delete(identity);
      // It was settled again since, in the place where it is.
      if (this.#lines.get(job) > Math.abs(line)) continue;
      this.#lines.delete(job);
      if (line < 0) continue;
      this.#lines.set(job, line);
      this.#places.set(identity, job);
      moved++;
    }
    const placeOf = (outcome: JournalledOutcome, line: number): JobIndex | undefined => this.#placeOf(outcome, line);
    // Where nothing has moved, as in a pool that has only grown, the indices hold after all.
    const moves = this.#places.size > 0 && { placeOf };
    const settled = new Settled({ fold: this.#fold, lines: this.#lines, ...moves });
    const gone = [...this.#displaced.values()].filter((line) => line > 0).length;
    return { settled, gone, moved, poolChanged: true };
  }

  #placeOf(outcome: JournalledOutcome, line: number): JobIndex | undefined {
    if (this.#fold.eraOf(line).lines.get(outcome.job) !== line) return undefined;
    const identity = identityOfOutcome(outcome);
    return this.#isAt(outcome.job, identity) ? outcome.job : this.#places.get(identity);
  }

  #isAt(job: JobIndex, identity: string): boolean {
    return job < this.#now.pool.length && this.#identityAt(job) === identity;
  }

  #identityAt(job: JobIndex): string {
    const { pool, occurrences } = this.#now;
    return identityOf(pool.spell(job), occurrences.get(job) ?? 0);
  }
}

export function identityOfOutcome({ args, occurrence }: JournalledOutcome): string {
  return identityOf(encodeJson(args), occurrence);
}
