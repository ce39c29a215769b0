import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';
import { hex, machineName } from '../../src/core/ids.ts';
import { encodeLine } from '../../src/core/journal/line.ts';
import type { Report } from '../../src/core/report/report.ts';
import { isReportCheap } from '../../src/face/report-is-cheap.ts';
import { findRunFolders } from '../../src/run/find-run-folders.ts';
import { reportOn } from '../../src/run/report.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { type WrittenJob, writeJournal } from '../fixtures/write-journal.ts';

const place = mkdtempSync(join(tmpdir(), 'job-splitter-report-'));
after(() => rmSync(place, { recursive: true, force: true }));

function reportOf(...folders: readonly string[]): Report {
  const result = reportOn(
    folders.map((folder) => join(place, folder)),
    2e12,
  );
  assert.ok(result.ok, JSON.stringify(result));
  return result.value.report;
}

function folderFrom(fixture: string): string {
  mkdirSync(join(place, fixture));
  const path = join(repositoryFolder, 'test', 'fixtures', `${fixture}.jsonl`);
  copyFileSync(path, join(place, fixture, 'journal.jsonl'));
  return fixture;
}

const jobOf = (job: number, more: Partial<WrittenJob> = {}): WrittenJob => ({
  ...{ job, args: [job % 2], worker: 1, startedAtMs: 1.79e12 + 10 * job, runMs: 10 },
  ...more,
});
const failure = { cause: 'error', message: 'no', stack: '' } as const;
const lab = (name: string) => ({ machine: machineName(name), total: 6, share: 3 });

describe('report on folders', () => {
  it('of the oldest journals, and of those with blocks', () => {
    assert.deepEqual(reportOf(folderFrom('journal-v1')).jobs, { total: 8, done: 7, failed: 1, left: 0, retried: 2 });
    const blocks = reportOf(folderFrom('journal-v1-blocks'));
    assert.deepEqual(blocks.jobs, { total: 10, done: 7, failed: 1, left: 2, retried: 1 });
    assert.equal(blocks.failures[0]?.example.message, 'TypeError: always');
  });

  it('counts a job once that two machines have settled', () => {
    writeJournal(join(place, 'a'), [jobOf(0), jobOf(1), jobOf(2)], lab('a'));
    writeJournal(join(place, 'b'), [jobOf(2), jobOf(3, { failure })], lab('b'));
    const report = reportOf('a', 'b');
    assert.deepEqual(report.jobs, { total: 6, done: 3, failed: 1, left: 2, retried: 0 });
    assert.match(report.notes.join(), /1 job settled on more than one machine: counts/);
    assert.deepEqual(report.failures[0]?.machines, new Map([['b', 1]]));
    writeJournal(join(place, 'c'), [jobOf(2, { failure }), jobOf(3, { failure }), jobOf(4)], lab('c'));
    // 2 succeeded on two of three, 3 failed on both.
    assert.deepEqual(reportOf('a', 'b', 'c').jobs, { total: 6, done: 4, failed: 1, left: 1, retried: 0 });
  });

  it('tells two runs of one machine apart', () => {
    writeJournal(join(place, 'twice.1'), [jobOf(0)], { ...lab('a'), startedAtMs: 1 });
    writeJournal(join(place, 'twice.2'), [jobOf(1)], { ...lab('a'), startedAtMs: 2 });
    const names = reportOf('twice.1', 'twice.2').machines.map(({ machine }) => machine);
    assert.deepEqual(names, ['a (twice.1)', 'a (twice.2)']);
    for (const [at, folder] of ['here', 'there'].entries())
      writeJournal(join(place, folder, 'x.a'), [jobOf(at)], { ...lab('a'), startedAtMs: at });
    const places = reportOf('here/x.a', 'there/x.a').machines.map(({ machine }) => machine);
    assert.deepEqual(places, ['a (here/x.a)', 'a (there/x.a)']);
  });

  it('is of one experiment: others, of the same name too, are refused with what to type', () => {
    const plan = (sweeps: string) => ({ order: 'given', random: {}, sections: { model: { sweeps } }, machines: [] });
    const [a, b] = [hex('a'.repeat(64)), hex('b'.repeat(64))];
    const write = (name: string, more: Parameters<typeof writeJournal>[2]): string => {
      writeJournal(join(place, name), [jobOf(0)], { ...lab(name), experimentDigest: a, plan: plan('10'), ...more });
      return join(place, name);
    };
    const first = write('e.1', {});
    const grown = write('e.2', { experimentDigest: b });
    const same = (why: string) => (other: string) => `${other} holds another "campaign" than ${first} (${why})`;
    for (const [more, spell] of [
      [{ experimentDigest: b, plan: plan('20') }, same('[model] sweeps was "10", is "20"')],
      [{ experimentDigest: b, seed: b }, same('the jobs differ')],
      [{ seed: '7' }, same(`the seed was ${a}, is 7`)],
      [{ experiment: 'f' }, (other: string) => `${other} is of the experiment "f", ${first} of "campaign"`],
    ] as const) {
      const other = write('o.1', more);
      const refused = reportOn([first, other, grown], 2e12);
      assert.ok(!refused.ok);
      const [{ message = '', hint = '' } = {}] = refused.diagnostics;
      assert.equal(message, `these run folders are of 2 experiments: ${spell(other)}`);
      assert.ok(hint.endsWith(`:\n  report ${first} ${grown}\n  report ${other}`), hint);
    }
    assert.match(reportOf('e.1', 'e.2').notes.join(), /not of the same experiment digest/);
  });

  it('of very many experiments, or folders, says only a few', () => {
    const many = Array.from({ length: 33 }, (_, at) => {
      const folder = join(place, `many.${at + 1}of33`);
      // The first 21 are of one.
      writeJournal(folder, [], { ...lab(`m${at}`), seed: String(Math.max(20, at)) });
      return folder;
    });
    const refused = reportOn(many, 2e12);
    assert.ok(!refused.ok);
    const [{ message = '', hint = '' } = {}] = refused.diagnostics;
    assert.match(message, /^these run folders are of 13 experiments: /);
    const lines = hint.split('\n').slice(1);
    assert.equal(lines[0], `  report ${many.slice(0, 3).join(' ')} … (and 18 more)`);
    assert.deepEqual([lines.length, lines[10]], [11, '  … and of 3 more experiments']);
  });

  it('leaves out damaged lines and says so, and what is torn without a word', () => {
    writeJournal(
      join(place, 'damaged'),
      [jobOf(0, { failure }), jobOf(1, { failure }), jobOf(2, { failure })],
      lab('a'),
    );
    const path = join(place, 'damaged', 'journal.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    lines[3] = (lines[3] ?? '').replace('"no"', '"yes"');
    writeFileSync(path, lines.join('\n'));
    appendFileSync(path, lines[4]?.slice(0, 40) ?? '');
    const report = reportOf('damaged');
    assert.deepEqual([report.jobs.failed, report.jobs.left], [2, 4]);
    assert.deepEqual(report.notes, ['a: journal.jsonl:4: wrong checksum']);
  });

  it('follows a pool that has grown, and failed jobs that run again', () => {
    writeJournal(join(place, 'grown'), [jobOf(0), jobOf(1, { failure })], lab('a'));
    const path = join(place, 'grown', 'journal.jsonl');
    const count = readFileSync(path, 'utf8').split('\n').length - 1;
    const session = {
      startedAtMs: 1.8e12,
      codeFingerprint: 'd'.repeat(64),
      host: 'h',
      pid: 7,
      cores: 3,
      target: 't',
      versions: {},
    };
    const pool = { experimentDigest: 'e'.repeat(64), planDigest: 'f'.repeat(64), total: 20, share: 10 };
    const body = JSON.stringify({ type: 'session', ...session, ...pool, retryFailed: true });
    appendFileSync(path, encodeLine(count, body, checksum));
    const report = reportOf('grown');
    assert.deepEqual(report.jobs, { total: 20, done: 1, failed: 0, left: 19, retried: 0 });
    assert.deepEqual([report.machines[0]?.cores, report.runs[0]?.planDigest], [3, pool.planDigest]);
    assert.match(report.notes.join(), /2 versions of the code/);
  });

  it('finds the run folders of an experiment', () => {
    writeJournal(join(place, 'mine.lab1'), [], lab('lab1'));
    mkdirSync(join(place, 'mine.lab2'));
    writeJournal(join(place, 'mineral.lab1'), [], lab('lab1'));
    assert.deepEqual(findRunFolders(place, 'mine'), [join(place, 'mine.lab1')]);
  });
});

describe('report at the end', () => {
  it('is written where it takes at most a fiftieth of the run', () => {
    assert.deepEqual(
      [
        [10, 2_000],
        [10, 4_000],
        [1_000_000, 60_000],
        [1_000_000, 600_000],
      ].map(([jobs = 0, ms = 0]) => isReportCheap(jobs, ms, false)),
      [false, true, false, true],
    );
    // One of before would say what is no longer so.
    assert.deepEqual(
      [10, 600_000, 1_000_000].map((jobs) => isReportCheap(jobs, 100, true)),
      [true, true, false],
    );
  });
});
