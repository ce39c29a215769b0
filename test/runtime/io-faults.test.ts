import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Result } from '../../src/core/diagnostic.ts';
import type { RunEvent } from '../../src/core/run-event.ts';
import type { AnyExperiment } from '../../src/experiment.ts';
import { allMachines, type Prepared, prepareRun } from '../../src/run/prepare.ts';
import { runShare } from '../../src/run/run-share.ts';
import type { ShareEnd } from '../../src/run/share-request.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { readJournal } from '../../src/runtime/read-journal.ts';
import { emptyFolder } from '../fixtures/executable.ts';
import { quickSpawner, type Run } from '../fixtures/quick-spawner.ts';
import { settledJobsIn } from '../fixtures/settled-jobs.ts';
import { type Fault, FaultyFiles } from './faulty-files.ts';

const total = 12;
const experiment: AnyExperiment = {
  name: 'x',
  jobs: Array.from({ length: total }, (_, n) => [n]),
  columns: ['n'],
  job: () => 0,
};
const templates = { machines: '', header: '', config: '' };
const build = { name: 'x', version: '0', code: 'c'.repeat(64), target: 'test', templates };

async function prepare(folder: string): Promise<Prepared> {
  const file = (path: string): { path: string; text: undefined } => ({ path, text: undefined });
  const files = {
    folder,
    machines: file('machines.json'),
    header: file('header.csv'),
    config: file('runner.config'),
    lock: file('experiment.lock'),
    rescue: file('rescue.json'),
  };
  const overrides = ['run.retries=1', 'results.include_job_interval=no', 'results.include_start_time=no'];
  overrides.push('results.include_job_start_time=no', 'logging.level=fatal');
  const prepared = await prepareRun({ experiment, build, files, environment: {}, overrides });
  assert.ok(prepared.ok);
  return prepared.value;
}

/** Time runs a hundred times as fast: waits for a full disk are short. */
function fastClock(): Clock {
  const nowMs = (): number => 1_700_000_000_000 + performance.now() * 100;
  return {
    nowMs,
    setTimer: (atMs, call) => {
      const timer = setTimeout(call, Math.max(0, (atMs - nowMs()) / 100));
      return () => clearTimeout(timer);
    },
  };
}

/** Job 3 fails once, job 7 always. */
function runOf(ran: number[]): Run {
  return ({ job, attempt }) => {
    ran.push(job);
    const fails = job === 7 || (job === 3 && attempt === 1);
    return fails ? { cause: 'error', message: 'went wrong', stack: '' } : undefined;
  };
}

interface Ran {
  readonly result: Result<ShareEnd>;
  readonly ran: readonly number[];
  readonly files: FaultyFiles;
  readonly warnings: readonly string[];
}

/** One start; a disk that stays full is freed when the run says that it waits. */
async function runOnce(prepared: Prepared, fault: Fault | undefined): Promise<Ran> {
  const files = new FaultyFiles(fault);
  const ran: number[] = [];
  const warnings: string[] = [];
  const on = (event: RunEvent): void => {
    if (event.type !== 'warning') return;
    warnings.push(event.message);
    if (event.message.includes('waiting')) setTimeout(() => files.heal(), 5);
  };
  const result = await runShare({
    experiment,
    build,
    prepared,
    machine: allMachines,
    cores: 2,
    out: undefined,
    retryFailed: false,
    rerunOlderCode: false,
    acceptCode: () => false,
    untilMs: undefined,
    reporter: { on },
    onStarted: () => undefined,
    outside: { files, clock: fastClock(), createSpawner: ({ task }) => quickSpawner(task.csv, runOf(ran)) },
  });
  return { result, ran, files, warnings };
}

const folderOf = (home: string): string => join(home, 'x.all');

function stateOf(home: string): { settled: readonly number[]; rows: readonly string[]; failed: string } {
  const { fold, tornBytes } = readJournal(join(folderOf(home), 'journal.jsonl'));
  assert.deepEqual(fold.problems, []);
  assert.equal(tornBytes, 0);
  const text = readFileSync(join(folderOf(home), 'journal.jsonl'), 'utf8');
  const settled = [...settledJobsIn(text)].sort((a, b) => a - b);
  const rows = readFileSync(join(folderOf(home), 'results.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .sort();
  return { settled, rows, failed: readFileSync(join(folderOf(home), 'failed.csv'), 'utf8') };
}

function settledOf(home: string): ReadonlySet<number> {
  const settled = new Set<number>();
  readJournal(join(folderOf(home), 'journal.jsonl')).fold.now.lines.forEach((job) => void settled.add(job));
  return settled;
}

/** What was counted while it ran is what the journal says. */
function assertBalanced(result: Result<ShareEnd>, home: string): void {
  if (!result.ok || result.value.kind === 'locked') return;
  const { fold } = readJournal(join(folderOf(home), 'journal.jsonl'));
  const { lines, failures } = fold.now;
  const { done, failed, retried } = result.value.summary.jobs;
  assert.deepEqual([done, failed, retried], [lines.size - failures.size, failures.size, fold.retries]);
  const codes = lines.size === 0 ? {} : { [build.code]: lines.size };
  assert.deepEqual({ ...result.value.summary.codes }, codes);
}

/** The fault once, then a start without: as if nothing had been. */
async function surviveFault(fault: Fault, expected: ReturnType<typeof stateOf>): Promise<number> {
  const home = emptyFolder();
  try {
    const prepared = await prepare(home);
    const first = await runOnce(prepared, fault);
    // In the words of whoever made it fail, or in ours with its code.
    const told = new RegExp(`made to fail|\\(${fault.code}\\)`);
    if (!first.result.ok) assert.match(first.result.diagnostics[0]?.message ?? '', told);
    else if (first.result.value.kind === 'ended' && first.result.value.left > 0)
      assert.equal(first.result.value.end.reason, 'journal-broken');
    // A lock that could not be removed is this living process's; of a dead one it would be taken over.
    rmSync(join(folderOf(home), 'lock.json'), { force: true });
    assertBalanced(first.result, home);
    const settledBefore = settledOf(home);
    const second = await runOnce(prepared, undefined);
    assertBalanced(second.result, home);
    assert.ok(second.result.ok && second.result.value.kind !== 'locked', JSON.stringify(second.result));
    if (second.result.value.kind === 'ended') assert.equal(second.result.value.left, 0);
    assert.deepEqual(
      second.ran.filter((job) => settledBefore.has(job)),
      [],
    );
    assert.deepEqual(stateOf(home), expected);
    return first.files.count;
  } finally {
    rmSync(home, { recursive: true });
  }
}

describe('any single file operation that fails', () => {
  const kinds: readonly Omit<Fault, 'at'>[] = [
    { code: 'ENOSPC', lasts: false },
    { code: 'ENOSPC', lasts: true },
    { code: 'EIO', lasts: false },
    { code: 'EIO', lasts: true },
    { code: 'EACCES', lasts: false },
    { code: 'EACCES', lasts: true },
    { code: 'short', lasts: false },
  ];
  for (const kind of kinds) {
    it(`${kind.code}${kind.lasts ? ', lasting' : ''}: complete, or a clear message and complete at the next start`, async () => {
      const home = emptyFolder();
      const undisturbed = await runOnce(await prepare(home), undefined);
      assert.ok(undisturbed.result.ok, JSON.stringify(undisturbed.result));
      const expected = stateOf(home);
      assert.equal(expected.settled.length, total);
      rmSync(home, { recursive: true });
      assert.ok(undisturbed.files.count > 50);
      let reached = 0;
      // Until the run does not come to so many operations any more: it was not disturbed.
      for (let at = 1, count = at; count >= at - 1; at++) {
        try {
          count = await surviveFault({ ...kind, at }, expected);
        } catch (error) {
          throw new Error(`operation ${at}: ${error instanceof Error ? error.stack : ''}`, { cause: error });
        }
        reached = at;
      }
      assert.ok(reached > 50, `only ${reached} operations were made to fail`);
    });
  }
});
