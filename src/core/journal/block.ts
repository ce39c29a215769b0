import type { JobIndex } from '../ids.ts';
import { reviveJson } from '../json.ts';
import { asArray, decodeFiles, type JournalledOutcome } from './journalled-outcome.ts';
import { isJobIndex } from './last-lines.ts';

/**
 * A line of type `block`: successes of one worker, member by member, so that what all have in common stands once.
 *
 *     "type":"block","worker":2,"attempt":1,"start":1764030000000,"csv":[5120,"1a2b3c4d"],"jobs":[5,9],"same":[0,1],
 *     "args":[[1,2],[3,4]],"begin":[0,0],"run":[0.001,12.5],"rows":[[[0.5]],[[1,2],[3,4]]],"files":[null,[{…}]]
 *
 * `same` stands there only where equal jobs are among them, `files` only where a job wrote some. A job started `begin`
 * milliseconds after `start` and took `run`. Everything before `"args"` is the head: no text of users stands in it.
 */
export interface BlockRecord extends BlockHead {
  readonly type: 'block';
  /** In the order of `jobs`. */
  readonly list: readonly JournalledOutcome[];
}

export interface BlockHead {
  readonly jobs: readonly JobIndex[];
  readonly csv: CsvProof;
}

/** Length and CRC-32 (eight hex digits) of a piece of `results.csv` in UTF-8. */
export interface CsvProof {
  readonly bytes: number;
  readonly crc: string;
}

/** Where the head of a block ends. */
export const blockHeadEnd = ',"args":';

interface Problem {
  readonly problem: string;
}

type Body = Readonly<Record<string, unknown>>;

/** Reads the head alone, cut off before `blockHeadEnd` and closed. */
export function decodeBlockHead({ jobs, csv, same, worker, attempt, start }: Body): BlockHead | Problem {
  if (!isListOf(jobs, isJobIndex) || jobs.length === 0) return { problem: 'a block without jobs' };
  if (!isListOf(same, isCount, jobs.length) && same !== undefined) return { problem: 'a block without its jobs' };
  if (!isAbove0(worker) || !isAbove0(attempt) || !isTime(start)) return { problem: 'a block of no attempt' };
  if (!Array.isArray(csv) || !isCount(csv[0]) || !isCrc(csv[1])) return { problem: 'a block without its results' };
  return { jobs, csv: { bytes: csv[0], crc: csv[1] } };
}

/** Reads the body of a block; says what is wrong with one that no version of ours wrote. */
export function decodeBlock(body: Body): BlockRecord | Problem {
  const head = decodeBlockHead(body);
  if ('problem' in head) return head;
  const columns = decodeColumns(body, head.jobs.length);
  if (columns === undefined) return { problem: 'a block whose parts do not fit together' };
  const { args, same, begin, run, rows, files } = columns;
  const [worker, attempt, start] = [Number(body.worker), Number(body.attempt), Number(body.start)];
  const list = head.jobs.map((job, at): JournalledOutcome => {
    const startedAtMs = start + (begin[at] ?? 0);
    const runMs = run[at] ?? 0;
    const written = files?.[at];
    return {
      job,
      args: args[at] ?? [],
      occurrence: same?.[at] ?? 0,
      attempt,
      worker,
      startedAtMs,
      endedAtMs: startedAtMs + Math.round(runMs),
      runMs,
      result: { status: 'succeeded', rows: asRows(rows[at]), ...(written != null && { files: written }) },
    };
  });
  return { type: 'block', ...head, list };
}

/** The jobs of a body that this program has written. */
export function readBlock(body: Uint8Array): readonly JournalledOutcome[] {
  const block = decodeBlock(JSON.parse(new TextDecoder().decode(body)));
  if ('problem' in block) throw new Error(`Internal error: ${block.problem}`);
  return block.list;
}

type List = readonly unknown[];

function decodeColumns({ args, same, begin, run, rows, files }: Body, length: number) {
  if (!isListOf(args, isList, length) || !isListOf(rows, isListOfLists, length)) return undefined;
  if (!isListOf(begin, isTime, length) || !isListOf(run, isDuration, length)) return undefined;
  if (!isListOf(same, isCount, length) && same !== undefined) return undefined;
  const written = decodeFilesOfAll(files, length);
  if (written === undefined && files !== undefined) return undefined;
  return {
    args: asArray(reviveJson(args)).map(asArray),
    rows: asArray(reviveJson(rows)).map(asArray),
    ...{ same, begin, run, files: written },
  };
}

function decodeFilesOfAll(files: unknown, length: number) {
  if (!isListOf(files, isListOrNull, length)) return undefined;
  const all = files.map((list) => (list === null ? null : decodeFiles(list)));
  return all.every((list) => list !== undefined) ? all : undefined;
}

const asRows = (value: unknown): readonly List[] => asArray(value).map(asArray);

/** In `length` entries, where that is given. */
function isListOf<Item>(
  value: unknown,
  isItem: (item: unknown) => item is Item,
  length?: number,
): value is readonly Item[] {
  return Array.isArray(value) && (length === undefined || value.length === length) && value.every(isItem);
}

const isList = (value: unknown): value is List => Array.isArray(value);
const isListOfLists = (value: unknown): value is readonly List[] => isListOf(value, isList);
const isListOrNull = (value: unknown): value is List | null => value === null || Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isAbove0 = (value: unknown): value is number => isCount(value) && value > 0;
/** In milliseconds; of three of them a date can be made. Below 0 where a clock was set back. */
const isTime = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= 2.8e15;
const isDuration = (value: unknown): value is number => isTime(value) && value >= 0;
const isCrc = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{8}$/.test(value);
