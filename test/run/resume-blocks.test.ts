import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { attemptNumber, type JobIndex, workerId } from '../../src/core/ids.ts';
import { type CsvProof, readBlock } from '../../src/core/journal/block.ts';
import { JournalFold } from '../../src/core/journal/fold.ts';
import { encodeLine, spellCrc } from '../../src/core/journal/line.ts';
import { partsOf } from '../../src/core/journal/settled.ts';
import type { AnyExperiment } from '../../src/experiment.ts';
import { allMachines, type Prepared, prepareRun } from '../../src/run/prepare.ts';
import { resultsLayoutOf } from '../../src/run/results-layout.ts';
import { runShare } from '../../src/run/run-share.ts';
import { describeSession, openSession } from '../../src/run/session.ts';
import type { ShareEnd, ShareRequest } from '../../src/run/share-request.ts';
import { sliceOf } from '../../src/run/slice.ts';
import { spellJob } from '../../src/run/spell-job.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { systemFiles } from '../../src/runtime/files.ts';
import { readJournal } from '../../src/runtime/read-journal.ts';
import { ResultsFile } from '../../src/runtime/results-file.ts';
import { spellRows } from '../../src/runtime/results-text.ts';
import { encodeBlock } from '../fixtures/encode-block.ts';
import { emptyFolder } from '../fixtures/executable.ts';
import { quickSpawner, type Run } from '../fixtures/quick-spawner.ts';

const total = 12;
/** Of the session that left blocks. */
const startedAtMs = 1_764_030_000_000;
const build = {
  name: 'x',
  version: '0',
  code: 'c'.repeat(64),
  target: 'test',
  templates: { machines: '', header: '', config: '' },
};
const experimentOf = (jobs: number): AnyExperiment => ({
  name: 'x',
  jobs: Array.from({ length: jobs }, (_, n) => [n]),
  columns: ['n'],
  job: () => 0,
  overrideSeed: 'seed',
  reduce: (sum, [n]) => Number(sum) + Number(n),
  reduceStart: 0,
});

async function requestFor(folder: string, jobs: number, ran: number[], ...overrides: string[]): Promise<ShareRequest> {
  const file = (path: string): { path: string; text: undefined } => ({ path, text: undefined });
  const names = {
    machines: 'machines.json',
    header: 'header.csv',
    config: 'runner.config',
    lock: 'experiment.lock',
    rescue: 'rescue.json',
  };
  const files = { folder, ...mapValues(names, file) };
  const experiment = experimentOf(jobs);
  const all = ['logging.level=fatal', 'results.include_job_start_time=no', ...overrides];
  const prepared = await prepareRun({ experiment, build, files, environment: {}, overrides: all });
  assert.ok(prepared.ok);
  return {
    ...{ experiment, build, prepared: prepared.value, machine: allMachines, cores: 2, out: undefined },
    ...{ retryFailed: false, rerunOlderCode: false, acceptCode: () => false, untilMs: undefined },
    ...{ reporter: { on: () => undefined }, onStarted: () => undefined },
    outside: {
      files: systemFiles,
      clock: systemClock(),
      createSpawner: ({ task }) => quickSpawner(task.csv, noteIn(ran)),
    },
  };
}

const noteIn =
  (ran: number[]): Run =>
  ({ job }) => {
    ran.push(job);
    return undefined;
  };

function mapValues<Key extends string, A, B>(values: Readonly<Record<Key, A>>, call: (value: A) => B): Record<Key, B> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, call(value as A)])) as Record<Key, B>;
}

/** A folder as a session left it that wrote blocks of three; the last stretch of the results did not reach the disk. */
function leaveBlocks(request: ShareRequest, settled: number, runMs = 1): string {
  const { prepared } = request;
  const folder = join(prepared.files.folder, 'x.all');
  mkdirSync(folder);
  const fold = new JournalFold(checksum);
  const slice = sliceOf(request);
  const session = describeSession(request, fold, slice, { nowMs: startedAtMs, beforeMs: 0 });
  const layout = { ...resultsLayoutOf(request, folder), onTrouble: assert.fail };
  const lines = openSession(fold, session, request, slice);
  const results = new ResultsFile(layout);
  results.rewrite(() => partsOf([]));
  for (let from = 0; from < settled; from += 3) {
    const [first, ...more] = [0, 1, 2].map((at) => successOf((slice.order.at(from + at) ?? 0) as JobIndex, runMs));
    assert.ok(first);
    const spell = (job: JobIndex) => spellJob(prepared, job);
    const blockWith = (csv: CsvProof): string => encodeBlock([first, ...more], spell, csv);
    const unproven = Buffer.from(blockWith({ bytes: 0, crc: '00000000' }));
    const folded = readBlock(unproven).map((outcome) => ({ outcome, session }));
    const csv = Buffer.from(spellRows(layout, 1, folded));
    const body = blockWith({ bytes: csv.length, crc: spellCrc(checksum(csv)) });
    lines.push(encodeLine(fold.nextSeq + from / 3, body, checksum));
    results.appendBlocks([{ csv, width: 1, outcomes: () => folded }]);
  }
  writeFileSync(join(folder, 'journal.jsonl'), lines.join(''));
  const text = readFileSync(layout.path);
  writeFileSync(layout.path, text.subarray(0, text.length - 7));
  return folder;
}

const successOf = (job: JobIndex, runMs: number) => ({
  ...{ job, attempt: attemptNumber(1), worker: workerId(1) },
  ...{ startedAtMs: 1, endedAtMs: 1 + runMs, runMs, rowsJson: `[[${job * 10}]]` },
});

async function goOn(request: ShareRequest): Promise<Extract<ShareEnd, { summary: unknown }>> {
  const result = await runShare(request);
  assert.ok(result.ok && result.value.kind !== 'locked', JSON.stringify(result));
  return result.value;
}

/** The last cell of each row, as a number, ascending. */
function valuesIn(folder: string): number[] {
  const rows = readFileSync(join(folder, 'results.csv'), 'utf8').trimEnd().split('\n').slice(1);
  return rows.map((row) => Number(row.split(',').at(-1))).sort((a, b) => a - b);
}

const tens = (count: number): number[] => Array.from({ length: count }, (_, n) => n * 10);
const sumOf = (prepared: Prepared): number => tens(prepared.pool.length).reduce((sum, n) => sum + n, 0);

describe('a run gone on with whose journal holds blocks', () => {
  for (const [name, jobs, overrides] of [
    ['as it was', total, []],
    ['with other columns', total, ['results.include_attempt=yes']],
    ['with a pool that has grown', total + 3, []],
  ] as const) {
    it(`${name}: only what is left runs, the results are whole, and then there is nothing to do`, async () => {
      const home = emptyFolder();
      const ran: number[] = [];
      const before = await requestFor(home, total, []);
      const folder = leaveBlocks(before, 9);
      const request = await requestFor(home, jobs, ran, ...overrides);
      const end = await goOn(request);
      assert.equal(end.kind, 'ended');
      assert.equal(new Set(ran).size, jobs - 9);
      assert.equal(ran.length, jobs - 9);
      assert.deepEqual(valuesIn(folder), tens(jobs));
      assert.deepEqual({ ...end.summary.jobs }, { total: jobs, done: jobs, failed: 0, retried: 0 });
      assert.equal(end.summary.reduced, sumOf(request.prepared));
      const again = await goOn(request);
      assert.equal(again.kind, 'finished');
      assert.deepEqual(again.summary, end.summary);
      assert.equal(ran.length, jobs - 9);
    });
  }

  it('pauses between sessions do not count as time spent; when a session ended its summary says, else its journal', async () => {
    const home = emptyFolder();
    const journal = join(leaveBlocks(await requestFor(home, total, []), 9), 'journal.jsonl');
    const hourMs = 3_600_000;
    const spent = async (jobs: number, writtenAtMs: number): Promise<number> => {
      utimesSync(journal, writtenAtMs / 1_000, writtenAtMs / 1_000);
      const { summary } = await goOn(await requestFor(home, jobs, []));
      assert.equal(summary.startedAt, new Date(startedAtMs).toISOString());
      return Math.round(((summary.activeMs ?? 0) / hourMs) * 10) / 10;
    };
    // The first session was killed; the second has told its end, whenever its journal was copied.
    assert.equal(await spent(total, startedAtMs + 2 * hourMs), 2);
    assert.equal(await spent(total + 3, Date.now() + 5 * hourMs), 2);
    // Nothing to do but to write the summary anew.
    rmSync(join(home, 'x.all', 'results.csv'));
    assert.equal(await spent(total + 3, Date.now() + 5 * hourMs), 2);
    const sessions = readJournal(journal).fold.sessions.map(({ beforeMs = 0 }) => Math.round(beforeMs / hourMs));
    assert.deepEqual(sessions, [0, 2, 2]);
  });

  it('--until goes by nothing that other code has recorded', async () => {
    const home = emptyFolder();
    const ran: number[] = [];
    leaveBlocks(await requestFor(home, total, []), 9, 2 * 3_600_000);
    const other = { build: { ...build, code: 'd'.repeat(64) }, acceptCode: () => true };
    const end = await goOn({ ...(await requestFor(home, total, ran)), ...other, untilMs: Date.now() + 3_600_000 });
    assert.deepEqual([end.kind, ran.length], ['ended', total - 9]);
  });

  it('with other columns in the experiment nothing goes on, as rows stand by place; run again, they are right', async () => {
    const home = emptyFolder();
    const ran: number[] = [];
    leaveBlocks(await requestFor(home, total, []), 9);
    const request = await requestFor(home, total, ran);
    const renamed = { ...request.experiment, columns: ['m'] };
    const prepared = { ...request.prepared, headerShape: { ...request.prepared.headerShape, columns: ['m'] } };
    const other = {
      ...request,
      experiment: renamed,
      prepared,
      build: { ...build, code: 'd'.repeat(64) },
      acceptCode: () => true,
    };
    const refused = await runShare(other);
    assert.ok(!refused.ok);
    assert.match(
      refused.diagnostics[0]?.message ?? '',
      /holds rows for the columns \["n"\]; the experiment now names \["m"\]/,
    );
    assert.match(refused.diagnostics[0]?.hint ?? '', /--rerun-older-code/);
    const end = await goOn({ ...other, rerunOlderCode: true });
    assert.deepEqual([end.kind, ran.length, end.summary.jobs.done], ['ended', total, total]);
    assert.equal((await goOn(other)).kind, 'finished');
  });

  for (const [hours, expected] of [
    [1, { ran: 0, reason: 'until' }],
    [3, { ran: total - 9, reason: 'complete' }],
  ] as const) {
    it(`--until in ${hours} h, where jobs took 2 h before: ${expected.ran} of those left are started`, async () => {
      const home = emptyFolder();
      const ran: number[] = [];
      leaveBlocks(await requestFor(home, total, []), 9, 2 * 3_600_000);
      const request = await requestFor(home, total, ran);
      const end = await goOn({ ...request, cores: 4, untilMs: Date.now() + hours * 3_600_000 });
      assert.ok(end.kind === 'ended');
      assert.deepEqual({ ran: ran.length, reason: end.end.reason }, expected);
    });
  }
});
