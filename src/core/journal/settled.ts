import type { JobIndex } from '../ids.ts';
import { type CsvProof, decodeBlock, decodeBlockHead } from './block.ts';
import type { FoldedOutcome, JournalFold } from './fold.ts';
import type { JournalledOutcome } from './journalled-outcome.ts';
import type { LastLines } from './last-lines.ts';
import { type Checksum, decodeHead, decodeLine } from './line.ts';
import { decodeRecord, type JournalSession } from './record.ts';

/** What one line of a journal says that still counts. */
export interface SettledPart {
  readonly session: JournalSession;
  /** Proves the text that these outcomes give in `results.csv`, if the session wrote it as it would be written now. */
  readonly csv?: CsvProof | undefined;
  /** The line, counted from 1; not there where the outcomes come from no journal. */
  readonly line?: number;
  /** Where it is a block of which the indices hold: to be read without decoding it. */
  readonly block?: BlockPart;
  /** To be called before the next line is read. */
  outcomes(): readonly FoldedOutcome[];
}

/** A block as it stands in the journal. */
export interface BlockPart {
  /** In UTF-8; good until the next line is read. */
  readonly text: Uint8Array;
  readonly jobs: readonly JobIndex[];
  /** What stands before `"args"`, checked. */
  readonly head: Readonly<Record<string, unknown>>;
  /** Whether this line has the last word on a job. */
  counts(job: JobIndex): boolean;
}

/** Outcomes in any order, each by itself. */
export function* partsOf(outcomes: Iterable<FoldedOutcome>): Generator<SettledPart> {
  for (const folded of outcomes) yield { session: folded.session, outcomes: () => [folded] };
}

/** A journal's lines in order, without their line feeds; each only good until the next. */
export type JournalLines = Iterable<string | Uint8Array>;

/** A line that an earlier reading has counted cannot be read as a whole. */
export class UnreadableLine extends Error {
  readonly code = 'UNREADABLE_LINE';
}

/** The index in the pool as it is now of the job that an outcome is about. */
export type PlaceOf = (outcome: JournalledOutcome, line: number) => JobIndex | undefined;

export interface SettledParts {
  readonly fold: JournalFold;
  /** By their index in the pool as it is now. */
  readonly lines: LastLines;
  /** Not there where the index in the journal is the index now. */
  readonly placeOf?: PlaceOf;
}

/** The settled jobs of a journal, by their index in the pool as it is now: what the second reading of it needs to know. */
export class Settled {
  readonly #fold: JournalFold;
  readonly #placeOf: PlaceOf | undefined;
  readonly lines: LastLines;

  constructor({ fold, lines, placeOf }: SettledParts) {
    this.#fold = fold;
    this.#placeOf = placeOf;
    this.lines = lines;
  }

  get size(): number {
    return this.lines.size;
  }

  has(job: JobIndex): boolean {
    return this.lines.has(job);
  }

  /** Those of some jobs: `lines` is a part of these. */
  within(lines: LastLines): Settled {
    return new Settled({ fold: this.#fold, lines, ...(this.#placeOf && { placeOf: this.#placeOf }) });
  }

  /** How many jobs each code has settled. */
  countCodes(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    this.lines.forEach((_, line) => {
      const code = this.#fold.sessionOf(line).codeFingerprint;
      counts[code] = (counts[code] ?? 0) + 1;
    });
    return counts;
  }

  /** The failed jobs, ascending. */
  failures(): ReadonlyMap<JobIndex, FoldedOutcome> {
    const found: FoldedOutcome[] = [];
    for (const era of this.#fold.eras) {
      for (const [job, { outcome }] of era.failures) found.push(...this.#thatCount([outcome], era.lines.get(job)));
    }
    return new Map(found.sort((a, b) => a.outcome.job - b.outcome.job).map((it) => [it.outcome.job, it]));
  }

  /** Reads a journal a second time: what its lines say that still counts, in their order. */
  *parts(lines: JournalLines, checksum: Checksum): Generator<SettledPart> {
    let number = 0;
    for (const text of lines) {
      const part = this.#partOf(text, ++number, checksum);
      if (part !== undefined) yield part;
    }
  }

  *outcomes(lines: JournalLines, checksum: Checksum): Generator<FoldedOutcome> {
    for (const part of this.parts(lines, checksum)) yield* part.outcomes();
  }

  #partOf(text: string | Uint8Array, number: number, checksum: Checksum): SettledPart | undefined {
    const line = decodeHead(text, checksum);
    if (!line.ok) return undefined;
    if (line.body.type === 'block') return this.#blockOf(line.body, text, number, checksum);
    if (line.body.type !== 'outcomes') return undefined;
    const record = decodeSafely(() => decodeRecord(line.body));
    const list = record !== undefined && 'list' in record ? this.#thatCount(record.list, number) : [];
    const session = this.#fold.sessionOf(number);
    return list.length === 0 ? undefined : { session, line: number, outcomes: () => list };
  }

  #blockOf(
    body: Readonly<Record<string, unknown>>,
    text: string | Uint8Array,
    number: number,
    checksum: Checksum,
  ): SettledPart | undefined {
    const head = decodeSafely(() => decodeBlockHead(body));
    if (head === undefined || 'problem' in head) return undefined;
    const outcomes = (): readonly FoldedOutcome[] => {
      const line = decodeLine(text, checksum);
      const block = line.ok ? decodeSafely(() => decodeBlock(line.body)) : undefined;
      if (block === undefined || 'problem' in block) {
        throw new UnreadableLine(`journal.jsonl:${number}: ${block?.problem ?? 'a block that cannot be understood'}`);
      }
      return this.#thatCount(block.list, number);
    };
    const session = this.#fold.sessionOf(number);
    if (this.#placeOf !== undefined) return { session, line: number, outcomes };
    const counts = (job: JobIndex): boolean => this.lines.get(job) === number;
    let counting = 0;
    for (const job of head.jobs) if (counts(job)) counting++;
    if (counting === 0) return undefined;
    const csv = counting === head.jobs.length ? head.csv : undefined;
    const block = typeof text === 'string' ? undefined : { text, jobs: head.jobs, head: body, counts };
    return { session, line: number, csv, outcomes, ...(block && { block }) };
  }

  #thatCount(list: readonly JournalledOutcome[], number: number): readonly FoldedOutcome[] {
    const session = this.#fold.sessionOf(number);
    // A job that stands twice in a line: there as well the later one counts.
    const found = new Map<JobIndex, FoldedOutcome>();
    for (const outcome of list) {
      const job = this.#placeOf === undefined ? outcome.job : this.#placeOf(outcome, number);
      if (job === undefined || this.lines.get(job) !== number) continue;
      found.set(
        job,
        job === outcome.job ? { session, outcome } : { session, outcome: { ...outcome, job }, jobThen: outcome.job },
      );
    }
    return [...found.values()];
  }
}

function decodeSafely<Value>(decode: () => Value): Value | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
