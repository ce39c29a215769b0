import assert from 'node:assert/strict';
import { it } from 'node:test';
import { attemptNumber, jobIndex, workerId } from '../../src/core/ids.ts';
import type { RunEvent } from '../../src/core/run-event.ts';
import { PlainLines } from '../../src/face/plain-lines.ts';

/** What is printed of so many jobs that fail, each tried twice, and of the end. */
function printed(jobs: number, messageOf: (job: number) => string): string[] {
  const lines: string[] = [];
  const plain = new PlainLines((text) => lines.push(text.trimEnd()), false);
  const on = (event: RunEvent): void => plain.on(event);
  for (let at = 0; at < jobs; at++) {
    const about = { worker: workerId(1), job: jobIndex(at) };
    const failure = { cause: 'error', message: messageOf(at), stack: '' } as const;
    on({ type: 'job-retried', atMs: 0, ...about, attempt: attemptNumber(1), failure });
    const times = { startedAtMs: 0, endedAtMs: 0, runMs: 0 };
    const failed = { ...about, attempt: attemptNumber(2), ...times, failure };
    on({ type: 'jobs-settled', atMs: 0, blocks: [], failures: [failed] });
  }
  on({ type: 'run-ended', atMs: 0, done: 0, failed: jobs, left: 0 });
  return lines;
}

it('failures that are alike but for numbers are told five times, then counted', () => {
  const lines = printed(10_000, (job) => `no file "in/${job}.csv" (code ${job})`);
  assert.equal(lines.length, 12);
  assert.equal(lines[1], 'job 0 failed: no file "in/0.csv" (code 0)');
  assert.equal(lines[9], 'job 4 failed: no file "in/4.csv" (code 4) (more like it are counted, not told)');
  assert.equal(lines[10], 'and 9,995 more attempts failed alike: no file "in/0.csv" (code 0); see `logs`');
  assert.equal(lines[11], 'and 9,995 more failed alike: no file "in/0.csv" (code 0); see failed.csv');
});

it('few are all told, of each kind; of many kinds the others are gathered', () => {
  assert.equal(printed(4, () => 'no').length, 8);
  const letters = (job: number): string => String.fromCodePoint(0x4e00 + job);
  const lines = printed(1_000, letters);
  assert.equal(lines.length, 2 * (20 + 5 + 1));
  assert.equal(lines.at(-1), 'and 975 more failed in other ways; see failed.csv');
});
