import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { copyFolder, emptyFolder, fixtureExecutable, readSummary, start } from '../fixtures/executable.ts';
import { until } from '../fixtures/processes.ts';
import { writeJournal } from '../fixtures/write-journal.ts';

interface StatusJson {
  readonly experiments?: readonly Readonly<Record<string, unknown>>[];
  readonly jobs: Readonly<Record<string, number>>;
  readonly folders: readonly (Readonly<Record<string, unknown>> & {
    readonly jobs: Readonly<Record<string, number>>;
    readonly running: readonly Readonly<Record<string, unknown>>[];
  })[];
}

describe('looking at run folders', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  const look = (
    folder: string,
    ...words: readonly string[]
  ): { code: number | null; stdout: string; stderr: string } => {
    const { status: code, stdout, stderr } = spawnSync(program, words, { cwd: folder, encoding: 'utf8', env: {} });
    return { code, stdout, stderr };
  };
  const status = (folder: string, ...words: readonly string[]): StatusJson =>
    JSON.parse(look(folder, 'status', '--json', ...words).stdout);

  it('whose reader leaves early ends without a word; a run goes on', () => {
    const folder = emptyFolder();
    const into = (reader: string, ...words: readonly string[]): string => {
      const script = `("$0" "$@" 2>>said; echo "code $?" >>said) ${reader}; cat said; rm said`;
      return spawnSync('/bin/sh', ['-c', script, program, ...words], { cwd: folder, encoding: 'utf8' }).stdout;
    };
    assert.equal(into('| true', 'config'), 'code 0\n');
    assert.match(into('>/dev/full', 'config'), /^The output cannot be written: ENOSPC.*\ncode 2\n$/);
    // What the experiment prints finds no reader either.
    for (const to of ['2>&1 | true', '2>/dev/full | true'])
      for (const words of [
        ['init'],
        ['--machine', 'N/A', '--yes', '--cores', '1', '--fresh'],
        ['merge', 'fixture.all'],
      ])
        spawnSync('/bin/sh', ['-c', `"$0" "$@" ${to}`, program, ...words], { cwd: folder, env: { CHAT: '1' } });
    assert.equal(status(folder).folders[0]?.state, 'finished');
    assert.equal(readSummary(join(folder, 'fixture.merged')).jobs.done, 300);
  });

  it('status: running, killed, copied, finished', async () => {
    const folder = emptyFolder();
    const run = join(folder, 'fixture.all');
    const hold = join(folder, 'hold');
    const environment = { FIXTURE: 'screens', JOBS: '4', HOLD: hold };
    const begin = (): ReturnType<typeof start> =>
      start(program, ['--machine', 'N/A', '--yes', '--cores', '2', '-o', 'run.order=given'], folder, environment);
    writeFileSync(hold, '');
    const first = begin();
    const isKnown = (): boolean => {
      try {
        return (status(folder).folders[0]?.running.length ?? 0) === 2;
      } catch {
        return false;
      }
    };
    await until('both jobs are seen from outside', isKnown);
    const seen = status(folder);
    assert.deepEqual(seen.jobs, { total: 4, done: 0, failed: 0, retried: 0 });
    assert.equal(seen.folders[0]?.state, 'running');
    assert.equal(seen.folders[0]?.pid, first.pid);
    assert.deepEqual(seen.folders[0]?.running.map(({ job }) => job).sort(), [0, 1]);
    await until(
      'its fraction',
      () => status(folder).folders[0]?.running.some(({ fraction }) => fraction === 7 / 100) === true,
    );
    assert.match(look(folder, 'status', run).stdout, /^all .* 0% +0\/4.*2 running on /);
    first.kill('SIGKILL');
    await first.ended;
    assert.equal(status(folder).folders[0]?.state, 'stopped');
    rmSync(hold);
    assert.equal((await begin().ended).code, 0);
    const copy = join(emptyFolder(), 'elsewhere');
    copyFolder(run, copy);
    const [here, there] = status(folder, run, copy).folders;
    assert.equal(here?.state, 'finished');
    assert.deepEqual(there?.jobs, { total: 4, done: 4, failed: 0, retried: 0 });
    // The journal alone says the same.
    rmSync(join(copy, 'status.json'));
    assert.deepEqual(status(folder, run, copy).jobs, { total: 8, done: 8, failed: 0, retried: 0 });
    assert.match(look(folder, 'status', '--watch', run, copy).stdout, /all +.*8\/8/);
    const nothing = look(folder, 'status', folder);
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /holds no journal of a run/);
  });

  it('status counts what the journal got after the last word of a process that was killed', async () => {
    const folder = emptyFolder();
    const words = ['--machine', 'N/A', '--yes', '--cores', '2'];
    assert.equal((await start(program, words, folder, { FIXTURE: 'sum' }).ended).code, 0);
    const run = join(folder, 'fixture.all');
    const told = JSON.parse(readFileSync(join(run, 'status.json'), 'utf8'));
    const lines = readFileSync(join(run, 'journal.jsonl'), 'utf8').split('\n');
    const at = lines.findIndex((line) => line.includes('"type":"block"'));
    const journalBytes = Buffer.byteLength(`${lines.slice(0, at).join('\n')}\n`);
    writeFileSync(join(run, 'status.json'), JSON.stringify({ ...told, done: 0, journalBytes }));
    assert.equal(status(folder).jobs.done, 300);
    // Of another journal: nothing of it is believed.
    writeFileSync(join(run, 'status.json'), JSON.stringify({ ...told, done: 7, journalBytes: 10 ** 9 }));
    assert.equal(status(folder).jobs.done, 300);
    writeFileSync(join(run, 'status.json'), '{"version":1,"done":');
    assert.equal(status(folder).jobs.done, 300);
  });

  it('status and report tell experiments apart', () => {
    const folder = emptyFolder();
    const job = (index: number) => ({ job: index, args: [index], worker: 1, startedAtMs: 0, runMs: 1 });
    const write = (experiment: string, jobs: readonly number[]): void =>
      writeJournal(join(folder, `${experiment}.all`), jobs.map(job), { experiment, total: 2, share: 2 });
    write('fixture', [0]);
    const one = status(folder);
    assert.deepEqual(Object.keys(one), ['jobs', 'folders']);
    assert.equal('header' in (one.folders[0] ?? {}), false);
    // Its name begins as that of the other one does.
    write('fixture.y', [0, 1]);
    const { jobs, experiments } = status(folder);
    assert.deepEqual(jobs, { total: 4, done: 3, failed: 0, retried: 0 });
    const ids = { seed: 'a'.repeat(64), experimentDigest: 'a'.repeat(64) };
    assert.deepEqual(experiments, [
      {
        experiment: 'fixture',
        ...ids,
        jobs: { total: 2, done: 1, failed: 0, retried: 0 },
        folders: [join(folder, 'fixture.all')],
      },
      {
        experiment: 'fixture.y',
        ...ids,
        jobs: { total: 2, done: 2, failed: 0, retried: 0 },
        folders: [join(folder, 'fixture.y.all')],
      },
    ]);
    assert.match(look(folder, 'status').stdout, /^fixture:\nall .* 1\/2.*\nfixture\.y:\nall .* 2\/2.*\n$/);
    const report = look(folder, 'report');
    assert.equal(report.code, 0, report.stderr);
    assert.match(report.stderr, /^Left out {4}the run folders of fixture\.y: report fixture\.y\.all\nJobs {8}1 done/);
    const named = look(folder, 'report', 'fixture.y.all');
    assert.match(named.stderr, /^Jobs {8}2 done/);
    const both = look(folder, 'report', 'fixture.all', 'fixture.y.all');
    assert.equal(both.code, 2);
    assert.match(
      both.stderr,
      /^these run folders are of 2 experiments: .*\n.*\n {2}report \/.*fixture\.all\n {2}report \/.*fixture\.y\.all$/m,
    );
    writeJournal(join(folder, 'fixture.7'), [], { experiment: 'fixture', seed: '7' });
    const seeds = status(folder, 'fixture.all', 'fixture.7').experiments?.map(({ seed }) => seed);
    assert.deepEqual(seeds, [ids.seed, '7']);
  });

  it('logs: by time over machines, rotated and compressed files too, clocks set right, filtered', () => {
    const folder = emptyFolder();
    const log = (machine: string, name: string, lines: readonly object[]): void => {
      const logs = join(folder, `x.${machine}`, 'logs');
      cpSync(
        join(import.meta.dirname, '..', 'fixtures', 'journal-v1.jsonl'),
        join(folder, `x.${machine}`, 'journal.jsonl'),
        {
          recursive: true,
        },
      );
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      spawnSync('mkdir', ['-p', logs]);
      writeFileSync(join(logs, name), name.endsWith('.gz') ? gzipSync(text) : text);
    };
    const line = (time: number, msg: string, more: object = {}): object => ({ level: 30, time, msg, ...more });
    log('a', 'run.log.2.gz', [line(1_000, 'a1'), line(2_000, 'a2')]);
    log('a', 'run.log.1.gz', [line(5_000, 'a3', { worker: 3, job: 17, level: 50 })]);
    log('a', 'run.log', [line(9_000, 'a4 \u001b[2J')]);
    // This one's clock is 10 s fast.
    log('b', 'run.log', [
      line(11_500, '', { type: 'run-started', diskClockAheadMs: -10_000 }),
      line(13_000, 'b2', { worker: 3 }),
      line(18_000, 'b3'),
    ]);
    const all = look(folder, 'logs', '--json', 'x.a', 'x.b');
    const order = all.stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text).msg);
    assert.deepEqual(order, ['a1', '', 'a2', 'b2', 'a3', 'b3', 'a4 \u001b[2J']);
    assert.match(all.stderr, /its clock is 10\.00 s fast by that of the disk; its times are corrected here/);
    const messages = (...words: readonly string[]): readonly string[] =>
      look(folder, 'logs', '--json', 'x.a', 'x.b', ...words)
        .stdout.trimEnd()
        .split('\n')
        .map((text) => JSON.parse(text).msg);
    assert.deepEqual(messages('--job', '17'), ['a3']);
    assert.deepEqual(messages('--worker', '3'), ['b2', 'a3']);
    assert.deepEqual(messages('--level', 'error'), ['a3']);
    const noJob = look(folder, 'logs', 'x.a', 'x.b', '--job', '99');
    assert.deepEqual([noJob.code, noJob.stdout], [2, '']);
    assert.match(noJob.stderr, /^There is no job 99: the pool has jobs 0 to \d+\.$/m);
    const noLine = look(folder, 'logs', 'x.b', '--job', '1', '--level', 'fatal');
    assert.deepEqual([noLine.code, noLine.stdout], [0, '']);
    assert.match(noLine.stderr, /^No line of the logs is of job 1, level fatal and above \(a job that/m);
    const pretty = look(folder, 'logs', 'x.a');
    assert.match(pretty.stdout, /^\d{4}-\d\d-\d\d \d\d:\d\d:01\.000 {2}info {2}a1$/m);
    assert.match(pretty.stdout, /worker 3 {2}job 17 {2}error a3/);
    assert.match(pretty.stdout, /a4 \\x1b\[2J/);
    assert.equal(look(folder, 'logs', folder).code, 2);
    // Without folders: those that are here; one of them was copied without its logs.
    for (const name of ['x.a', 'x.b', 'x.c']) writeJournal(join(folder, name), [], { experiment: 'x' });
    const here = look(folder, 'logs', '--json');
    assert.deepEqual([here.code, here.stdout], [0, all.stdout]);
    assert.match(here.stderr, /x\.c holds no logs/);
    writeJournal(join(folder, 'y.a'), [], { experiment: 'y' });
    const several = look(folder, 'logs');
    assert.deepEqual([several.code, several.stdout], [2, '']);
    assert.match(several.stderr, /2 experiments; .*:\n {2}logs x\.a x\.b x\.c\n {2}logs y\.a\n$/);
    assert.equal(look(emptyFolder(), 'logs').code, 2);
    assert.equal(look(folder, 'logs', '--level', 'loud', 'x.a').code, 2);
  });

  it('logs -f goes on with what is added, also when the file is rotated', async () => {
    const folder = emptyFolder();
    const logs = join(folder, 'logs');
    spawnSync('mkdir', ['-p', logs]);
    const write = (msg: string): void =>
      writeFileSync(join(logs, 'run.log'), `${JSON.stringify({ level: 30, time: Date.now(), msg })}\n`, { flag: 'a' });
    write('first');
    const child = start(program, ['logs', '-f', '--json', folder], folder);
    const heard = (): string => child.output();
    await until('what was there', () => heard().includes('first'));
    write('second');
    await until('what is added', () => heard().includes('second'));
    spawnSync('mv', [join(logs, 'run.log'), join(logs, 'run.log.1')]);
    write('third');
    await until('what stands in the new file', () => heard().includes('third'));
    child.kill('SIGKILL');
    await child.ended;
    assert.equal(heard().split('\n').filter(Boolean).length, 3);
  });

  it('per_process and per_job: files of their own, of failed jobs only or of all', async () => {
    for (const perJob of ['failed', 'all']) {
      const folder = emptyFolder();
      const words = ['--machine', 'N/A', '--yes', '--cores', '2', '-o', `logging.per_job=${perJob}`];
      const more = [
        '-o',
        'logging.per_process=yes',
        '-o',
        'run.timeout=2s',
        '-o',
        'run.retries=0',
        '-o',
        'run.halt=never',
      ];
      const ended = await start(program, [...words, ...more], folder, {
        FIXTURE: perJob === 'all' ? 'features' : 'trouble',
      }).ended;
      assert.equal(ended.code, perJob === 'all' ? 0 : 3, ended.stderr);
      assert.doesNotMatch(ended.stderr, /has no effect/);
      const logs = join(folder, 'fixture.all', 'logs');
      const jobs = readdirSync(join(logs, 'jobs')).sort();
      if (perJob === 'all') {
        assert.deepEqual(jobs, ['0.log', '1.log', '2.log', '3.log']);
        const text = readFileSync(join(logs, 'jobs', '0.log'), 'utf8');
        assert.match(text, /"n":0,"msg":"logged"/);
        assert.doesNotMatch(text, /"n":[123],"msg":"logged"/);
      } else {
        assert.deepEqual(jobs, ['1.log', '2.log', '3.log', '4.log']);
        assert.match(readFileSync(join(logs, 'jobs', '1.log'), 'utf8'), /attempt 1 went wrong/);
      }
      const workers = readdirSync(join(logs, 'workers'));
      assert.ok(workers.includes('worker-1.log') && workers.includes('worker-2.log'));
      assert.match(readFileSync(join(logs, 'workers', 'worker-1.log'), 'utf8'), /"type":"worker-ended"/);
    }
  });
});
