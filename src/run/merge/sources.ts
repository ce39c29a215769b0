import type { JobIndex, MachineName } from '../../core/ids.ts';
import type { BlockSlices } from '../../core/journal/block-slices.ts';
import { sliceBlock } from '../../core/journal/block-slices.ts';
import type { FoldedOutcome, JournalProblem } from '../../core/journal/fold.ts';
import { matchOutcomes } from '../../core/journal/match.ts';
import type { JournalHeader, JournalSession } from '../../core/journal/record.ts';
import { type BlockPart, type SettledPart, UnreadableLine } from '../../core/journal/settled.ts';
import { encodeJson } from '../../core/json.ts';
import type { Candidate, Origin } from '../../core/merge/candidate.ts';
import { checksum } from '../../runtime/checksum.ts';
import { systemFiles } from '../../runtime/files.ts';
import type { FoundJournal } from '../../runtime/merge/find-journals.ts';
import { type readJournal, readJournalLines } from '../../runtime/read-journal.ts';
import { Balance } from '../balance.ts';
import { findOtherColumns } from '../other-columns.ts';
import type { Prepared } from '../prepare.ts';

/** One journal that was read. */
export interface Source extends FoundJournal {
  readonly header: JournalHeader;
  readonly sessions: readonly JournalSession[];
  readonly retries: number;
  /** Lines that were read, also those that do not count. */
  readonly bytes: number;
  readonly tornBytes: number;
  readonly problems: readonly JournalProblem[];
  /** Settled jobs that the pool does not hold any more. */
  readonly gone: number;
  /** For which its rows were returned, where these are not the experiment's columns of now. */
  readonly otherColumns: readonly string[] | undefined;
  /** When it last said something; milliseconds since 1970. */
  readonly lastHeardMs: number;
}

/** Whether all of them come from machines that took their jobs from a queue. */
export function areOfCampaign(sources: readonly Source[]): boolean {
  return sources.length > 0 && sources.every(({ header }) => header.joined === true);
}

/** What reading needs to know of the experiment. */
export interface Whole {
  readonly prepared: Prepared;
  /** A job's arguments in canonical JSON. */
  readonly spell: (job: number) => string;
}

/** Where the journals are read to. */
export interface Sink {
  readonly origins: Origin[];
  add(candidate: Candidate): void;
}

const mostProblems = 1_000;

/** Reads what a journal that fits the experiment says of jobs. `number`: which of the journals it is. */
export function readSource(
  journal: FoundJournal,
  number: number,
  reading: ReturnType<typeof readJournal>,
  header: JournalHeader,
  whole: Whole,
  sink: Sink,
): Source {
  const { fold, bytes, tornBytes } = reading;
  // The run may go on meanwhile: nothing beyond what the first reading saw.
  const lines = (): Generator<Uint8Array> => readJournalLines(journal.path, systemFiles, bytes);
  const { settled, gone } = matchOutcomes(fold, whole.prepared, lines, checksum);
  const reader = new SourceReader(number, header, whole, sink);
  for (const part of settled.parts(lines(), checksum)) reader.read(part);
  const { sessions, retries } = fold;
  const lastHeardMs = sessions.reduce((last, { startedAtMs }) => Math.max(last, startedAtMs), reader.lastEndMs);
  const problems = [...fold.problems, ...reader.problems].sort((a, b) => a.line - b.line);
  const { columns } = whole.prepared.headerShape;
  // A balance holds all failures: it is drawn only where something depends on it.
  const doneBy = (code: string): number => new Balance(settled, retries).doneBy(code);
  const otherColumns = findOtherColumns(sessions, columns, { doneBy });
  return { ...journal, header, sessions, retries, bytes, tornBytes, problems, gone, otherColumns, lastHeardMs };
}

class SourceReader {
  readonly problems: JournalProblem[] = [];
  lastEndMs = 0;
  readonly #number: number;
  readonly #header: JournalHeader;
  readonly #whole: Whole;
  readonly #sink: Sink;
  readonly #originOf = new Map<JournalSession, number>();

  constructor(number: number, header: JournalHeader, whole: Whole, sink: Sink) {
    this.#number = number;
    this.#header = header;
    this.#whole = whole;
    this.#sink = sink;
  }

  read({ session, line = 0, block, outcomes }: SettledPart): void {
    const slices = block && sliceBlock(new TextDecoder().decode(block.text), block.jobs.length);
    if (block !== undefined && slices !== undefined && this.#readSlices(session, line, block, slices)) return;
    try {
      for (const folded of outcomes()) this.#readOutcome(folded, line);
    } catch (error) {
      if (!(error instanceof UnreadableLine)) throw error;
      this.#report(line, error.message.replace(/^\S+ /, ''));
    }
  }

  /** Says no where something in it is out of the ordinary. */
  #readSlices(session: JournalSession, line: number, { jobs, head, counts }: BlockPart, slices: BlockSlices): boolean {
    const { args, begin, run, late, rows, files } = slices;
    const same = Array.isArray(head.same) ? head.same : undefined;
    const [start, worker, attempt] = [Number(head.start), count32(head.worker), count32(head.attempt)];
    if (files?.some((list) => list !== null)) return false;
    const origin = this.#numberOf(session);
    for (let at = 0; at < jobs.length; at++) {
      const job = jobs[at] as JobIndex;
      if (!counts(job) || !this.#isOurs(job, args[at] ?? '', Number(same?.[at] ?? 0), line)) continue;
      const runMs = run[at] ?? 0;
      const startedAtMs = start + (begin[at] ?? 0);
      this.#add({
        job,
        jobThen: job,
        ...{ origin, attempt, worker, startedAtMs },
        endedAtMs: startedAtMs + Math.round(runMs) + (late?.[at] ?? 0),
        runMicros: Math.round(runMs * 1_000),
        status: 'succeeded',
        json: rows[at] ?? '[]',
        filesJson: '',
      });
    }
    return true;
  }

  #readOutcome({ outcome, session, jobThen }: FoldedOutcome, line: number): void {
    const { job, args, occurrence, attempt, worker, startedAtMs, endedAtMs, runMs, result } = outcome;
    if (!this.#isOurs(job, encodeJson(args), occurrence, line)) return;
    const isSuccess = result.status === 'succeeded';
    this.#add({
      job,
      jobThen: jobThen ?? job,
      origin: this.#numberOf(session),
      attempt: count32(attempt),
      worker: count32(worker),
      startedAtMs: time(startedAtMs),
      endedAtMs: time(endedAtMs),
      runMicros: Math.round(time(runMs) * 1_000),
      status: result.status,
      json: encodeJson(isSuccess ? result.rows : result.failure),
      filesJson: isSuccess && result.files !== undefined ? JSON.stringify(result.files) : '',
    });
  }

  #add(candidate: Candidate): void {
    if (candidate.endedAtMs > this.lastEndMs) this.lastEndMs = candidate.endedAtMs;
    this.#sink.add(candidate);
  }

  /** A line with the right checksum may still be of another experiment: the arguments decide. */
  #isOurs(job: JobIndex, argsJson: string, occurrence: number, line: number): boolean {
    const { prepared, spell } = this.#whole;
    if (job >= prepared.pool.length) {
      this.#report(line, `it tells of job ${job}; the pool ends before it`);
      return false;
    }
    if (spell(job) === argsJson && (prepared.occurrences.get(job) ?? 0) === occurrence) return true;
    this.#report(
      line,
      `its job ${job} is another one than in the pool: ${shorten(argsJson)}, not ${shorten(spell(job))}`,
    );
    return false;
  }

  #report(line: number, problem: string): void {
    if (this.problems.length < mostProblems) this.problems.push({ line, problem });
  }

  #numberOf(session: JournalSession): number {
    const known = this.#originOf.get(session);
    if (known !== undefined) return known;
    const { origins } = this.#sink;
    origins.push({ source: this.#number, machine: this.#header.machine, session });
    this.#originOf.set(session, origins.length - 1);
    return origins.length - 1;
  }
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** What nobody checked when it was read: it must not stop a merge. */
function count32(value: unknown): number {
  const count = Number(value);
  return Number.isInteger(count) && count >= 0 && count < 2 ** 32 ? count : 0;
}

function time(ms: number): number {
  return Math.abs(ms) <= 8.64e15 ? ms : 0;
}

/** When each machine last wrote into one of the journals. */
export function lastHeard(sources: readonly Source[]): ReadonlyMap<MachineName, number> {
  const heard = new Map<MachineName, number>();
  for (const { header, lastHeardMs } of sources) {
    heard.set(header.machine, Math.max(lastHeardMs, heard.get(header.machine) ?? 0));
  }
  return heard;
}
