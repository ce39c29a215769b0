import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateHeader } from '../config/header.ts';
import { ok, type Result } from '../core/diagnostic.ts';
import { type JobIndex, jobIndex } from '../core/ids.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import { partsOf, Settled } from '../core/journal/settled.ts';
import type { RunEvent } from '../core/run-event.ts';
import { checksum } from '../runtime/checksum.ts';
import { MemoryPeak } from '../runtime/memory-peak.ts';
import { readJournal, readJournalLines } from '../runtime/read-journal.ts';
import { ResultsFile } from '../runtime/results-file.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { runShare } from './run-share.ts';
import type { ShareEnd, ShareRequest } from './share-request.ts';

export interface Sample {
  readonly end: Extract<ShareEnd, { readonly kind: 'ended' }>;
  /** Header and rows, as `results.csv` would hold them, in the order of the pool. */
  readonly table: string;
  /** Of the jobs that succeeded, ascending. */
  readonly runMs: readonly number[];
  /** The same by job. */
  readonly runMsOf: ReadonlyMap<JobIndex, number>;
  /** Most memory of one worker with its children; `undefined` where the system does not tell. */
  readonly workerBytes: number | undefined;
}

/** `count` jobs spread evenly over the pool: the middle one of each of `count` equal parts. */
export function pickSample(total: number, count: number): readonly JobIndex[] {
  const size = Math.min(total, count);
  return Array.from({ length: size }, (_, part) => jobIndex(Math.floor(((part + 0.5) * total) / size)));
}

/** Runs some jobs as a run would, in a temporary folder that is gone afterwards. Nothing is handed out or torn down. */
export async function runSample(
  request: Omit<ShareRequest, 'only' | 'out'>,
  only: readonly JobIndex[],
): Promise<Result<Sample>> {
  const folder = mkdtempSync(join(tmpdir(), 'job-splitter-sample-'));
  const memory = new MemoryPeak();
  const on = (event: RunEvent): void => {
    memory.on(event);
    request.reporter.on(event);
  };
  try {
    const { onResult: _onResult, teardown: _teardown, ...experiment } = request.experiment;
    const result = await runShare({ ...request, experiment, only, out: folder, reporter: { on } });
    if (!result.ok) return result;
    if (result.value.kind !== 'ended') throw new Error(`Internal error: a sample that is ${result.value.kind}`);
    const { fold } = readJournal(journalPath(folder));
    const settled = new Settled({ fold, lines: fold.now.lines });
    const read = settled.outcomes(readJournalLines(journalPath(folder)), checksum);
    const outcomes = [...read].sort((a, b) => a.outcome.job - b.outcome.job);
    const succeeded = outcomes.filter(({ outcome }) => outcome.result.status === 'succeeded');
    const runMs = succeeded.map(({ outcome }) => outcome.runMs).sort((a, b) => a - b);
    const table = spellTable(request, folder, outcomes);
    const runMsOf = new Map(succeeded.map(({ outcome }) => [outcome.job, outcome.runMs]));
    return ok({ end: result.value, table, runMs, runMsOf, workerBytes: memory.bytes });
  } finally {
    memory.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function spellTable(
  { prepared, machine, experiment }: Pick<ShareRequest, 'prepared' | 'machine' | 'experiment'>,
  folder: string,
  outcomes: readonly FoldedOutcome[],
): string {
  const path = join(folder, 'sample.csv');
  const file = new ResultsFile({
    path,
    shape: prepared.resolved.settings.results,
    header: (width) => prepared.headerCells ?? generateHeader(prepared.headerShape, width),
    width: experiment.columns?.length,
    source: { machine: () => machine, seed: prepared.seed },
    onTrouble: (message) => {
      throw new Error(message);
    },
  });
  file.rewrite(() => partsOf(outcomes));
  return readFileSync(path, 'utf8');
}
