import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { readJournal } from '../../src/runtime/read-journal.ts';
import { emptyFolder, fixtureExecutable, readRows, readSummary, start } from '../fixtures/executable.ts';
import { settledJobsIn } from '../fixtures/settled-jobs.ts';
import { writeJournal } from '../fixtures/write-journal.ts';

const everything = ['--machine', 'N/A', '--yes', '--cores', '2'];

function mountSmallDisk(): string | undefined {
  const folder = emptyFolder();
  const { status } = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder]);
  return status === 0 ? folder : undefined;
}

const unmount = (folder: string): void => void spawnSync('/bin/umount', ['-l', folder]);

function canMount(): boolean {
  const disk = mountSmallDisk();
  if (disk !== undefined) unmount(disk);
  return disk !== undefined;
}

const noMount = canMount() ? false : 'for want of a privilege: a small tmpfs cannot be mounted';

describe('what can happen to the files of a run, on the built executable', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  it('what no file can be made in, or is no file: no command ends as if that were a bug', async () => {
    const folder = emptyFolder();
    const tell = async (...words: readonly string[]): Promise<string> => {
      const { code, stderr } = await start(program, words, folder).ended;
      assert.equal(code, 2, stderr);
      assert.doesNotMatch(stderr, /Internal error/);
      return stderr;
    };
    mkdirSync(join(folder, 'machines.json.new'));
    const why = new RegExp(
      `${folder}/machines\\.json cannot be written: it is a folder \\(EISDIR\\)\n {2}a file is needed`,
    );
    assert.match(await tell('init'), why);
    assert.match(await tell('plan'), why);
    rmdirSync(join(folder, 'machines.json.new'));
    mkdirSync(join(folder, 'experiment.lock.new'));
    assert.match(await tell('plan', '--lock'), /experiment\.lock cannot be written: /);
    writeFileSync(join(folder, 'job-splitter.server'), '');
    assert.match(
      await tell('serve'),
      /job-splitter\.server cannot be made: something of this name is there|There is no nats-server/,
    );
    assert.match(await tell('stop', 'job-splitter.server'), /There is no folder /);
    writeFileSync(join(folder, 'fixture.merged'), '');
    assert.match(await tell('merge', 'x'), /^\/.*fixture\.merged cannot be made: something of this name is there/m);
    rmSync(join(folder, 'machines.json'));
    mkdirSync(join(folder, 'machines.json'));
    assert.match(await tell('config'), /machines\.json cannot be read: it is a folder \(EISDIR\)/);
  });

  it('a damaged line in the middle and a torn one at the end: told, their jobs run again, complete', async () => {
    const folder = emptyFolder();
    const run = join(folder, 'fixture.all');
    const journal = join(run, 'journal.jsonl');
    await start(program, [...everything, '-o', 'ProgressPool.chunksize=1'], folder, { FIXTURE: 'slow' }).ended;
    const lines = readFileSync(journal, 'utf8').split('\n');
    const damaged = settledJobsIn(lines[16] ?? '');
    const torn = settledJobsIn(lines.at(-2) ?? '');
    lines[16] = (lines[16] ?? '').replace('"start":1', '"start":2');
    writeFileSync(journal, lines.join('\n'));
    truncateSync(journal, Buffer.byteLength(lines.join('\n')) - 10);
    const notes = join(folder, 'notes');
    const { code, stderr } = await start(program, everything, folder, { FIXTURE: 'slow', NOTES: notes }).ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /journal\.jsonl:17: wrong checksum; /);
    assert.match(stderr, /torn/);
    const ran = readFileSync(notes, 'utf8')
      .trimEnd()
      .split('\n')
      .map(Number)
      .sort((a, b) => a - b);
    assert.deepEqual(
      ran,
      [...damaged, ...torn].sort((a, b) => a - b),
    );
    assert.equal(readRows(join(run, 'results.csv')).length, 60);
    assert.equal(readSummary(run).jobs.done, 60);
  });

  it('a file that is no journal, or whose first line is damaged, is refused and left as it is', async () => {
    const folder = emptyFolder();
    const journal = join(folder, 'fixture.all', 'journal.jsonl');
    mkdirSync(join(folder, 'fixture.all'));
    for (const text of ['my diary, one line', 'my diary\n', '{"crc":"00000000","seq":0}\n', '\n']) {
      writeFileSync(journal, text);
      const { code, stderr } = await start(program, everything, folder).ended;
      assert.equal(code, 2, stderr);
      assert.match(stderr, /journal\.jsonl (is not a journal|line 1: )/);
      assert.match(stderr, /--fresh/);
      assert.equal(readFileSync(journal, 'utf8'), text);
    }
    rmSync(journal);
    mkdirSync(journal);
    const { code, stderr } = await start(program, everything, folder).ended;
    assert.equal(code, 2, stderr);
    assert.match(stderr, /journal\.jsonl cannot be read: it is a folder \(EISDIR\)/);
  });

  it('a folder or a journal that must not be written: a sentence and exit 2', async () => {
    const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const [command = program, ...words] = [...asNobody, program, ...everything];
    const folder = emptyFolder();
    for (const name of ['machines.json', 'header.csv', 'runner.config']) writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, 'machines.json'), '{ "a": [1, 1] }');
    chmodSync(folder, 0o555);
    const closed = await start(command, words, folder, { PATH: '/usr/bin' }).ended;
    assert.equal(closed.code, 2, closed.stderr);
    assert.match(closed.stderr, /EACCES.*\n.*--out FOLDER/);
    chmodSync(folder, 0o755);
    const run = join(folder, 'fixture.all');
    mkdirSync(run);
    writeFileSync(join(run, 'journal.jsonl'), '');
    chmodSync(join(run, 'journal.jsonl'), 0o444);
    chmodSync(run, 0o777);
    const readOnly = await start(command, words, folder, { PATH: '/usr/bin' }).ended;
    assert.equal(readOnly.code, 2, readOnly.stderr);
    assert.match(readOnly.stderr, /journal\.jsonl cannot be written: permission denied \(EACCES\)/);
  });

  it('report, where nothing can be written or no journal be read: a sentence and exit 2', async () => {
    const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const [command = program, ...words] = [...asNobody, program, 'report', 'run'];
    const place = emptyFolder();
    const path = join(place, 'run', 'journal.jsonl');
    writeJournal(join(place, 'run'), [], {});
    for (const name of [place, join(place, 'run')]) chmodSync(name, 0o555);
    const closed = await start(command, words, place, { PATH: '/usr/bin' }).ended;
    const why =
      'report\\.html cannot be written: permission denied \\(EACCES\\)\n {2}--out FILE writes it elsewhere\n$';
    assert.match(closed.stderr, new RegExp(`^No report: ${place}/run/${why}`));
    chmodSync(path, 0);
    const unread = await start(command, words, place, { PATH: '/usr/bin' }).ended;
    assert.equal(
      unread.stderr,
      `${path} cannot be read: permission denied (EACCES)\n  make it readable for you, or copy the folder again\n`,
    );
    assert.deepEqual([closed.code, unread.code], [2, 2]);
  });

  it('results.csv, failed.csv, summary.json and logs in the way: the run goes on, the file catches up', async () => {
    const folder = emptyFolder();
    const run = join(folder, 'fixture.all');
    mkdirSync(run);
    for (const name of ['results.csv', 'summary.json', 'header.csv']) mkdirSync(join(run, name));
    writeFileSync(join(run, 'logs'), 'in the way');
    const first = start(program, everything, folder, { FIXTURE: 'slow' });
    const journal = join(run, 'journal.jsonl');
    while (readJournal(journal).fold.now.lines.size < 5) await wait(10);
    rmdirSync(join(run, 'results.csv'));
    let rows = 0;
    while (rows < 10) {
      await wait(20);
      try {
        rows = readRows(join(run, 'results.csv')).length;
      } catch {}
    }
    const { code, stderr } = await first.ended;
    assert.equal(code, 0, stderr);
    assert.equal(readRows(join(run, 'results.csv')).length, 60);
    assert.equal(stderr.match(/results\.csv cannot be written/g)?.length, 1);
    assert.match(stderr, /summary\.json/);
    // Behind at the end: the next start completes the file and runs nothing.
    rmSync(join(run, 'results.csv'));
    const again = await start(program, everything, folder, { FIXTURE: 'slow', NOTES: join(folder, 'notes') }).ended;
    assert.equal(again.code, 0, again.stderr);
    assert.equal(readRows(join(run, 'results.csv')).length, 60);
  });

  it('failed.csv behind at the end is completed at the next start, which runs nothing', async () => {
    const folder = emptyFolder();
    const run = join(folder, 'fixture.all');
    const [words, notes] = [[...everything, '-o', 'run.retries=0'], join(folder, 'notes')];
    mkdirSync(join(run, 'failed.csv'), { recursive: true });
    const first = await start(program, words, folder, { FIXTURE: 'killable' }).ended;
    assert.equal(first.code, 3, first.stderr);
    assert.match(first.stderr, /failed\.csv.*the run goes on without/);
    rmdirSync(join(run, 'failed.csv'));
    for (const spoil of ['', 'edited']) {
      writeFileSync(join(run, 'failed.csv'), spoil);
      const again = await start(program, words, folder, { FIXTURE: 'killable', NOTES: notes }).ended;
      assert.equal(again.code, 3, again.stderr);
      assert.equal(readRows(join(run, 'failed.csv')).filter((row) => /search ""job"":\d+,/.test(row)).length, 9);
    }
    assert.ok(!existsSync(notes));
  });

  it('a full disk: waits, goes on when there is room, nothing torn, complete', { skip: noMount }, async () => {
    const disk = mountSmallDisk() ?? '';
    try {
      const ballast = join(disk, 'ballast');
      appendFileSync(ballast, Buffer.alloc(1.5 * 1024 ** 2));
      const started = startTold(disk);
      await started.told(/journal cannot be written: ENOSPC/);
      const reading = readJournal(join(disk, 'fixture.all', 'journal.jsonl'));
      assert.deepEqual(reading.fold.problems, []);
      assert.ok(reading.fold.now.lines.size < 100);
      spawnSync('/bin/mount', ['-o', 'remount,size=20m', disk]);
      rmSync(ballast);
      const code = await started.code;
      assert.equal(code, 0, started.text());
      assert.equal(readRows(join(disk, 'fixture.all', 'results.csv')).length, 100);
    } finally {
      unmount(disk);
    }
  });

  it('a stop while the disk is full: ends with a message, goes on later, complete', { skip: noMount }, async () => {
    const disk = mountSmallDisk() ?? '';
    try {
      appendFileSync(join(disk, 'ballast'), Buffer.alloc(1.5 * 1024 ** 2));
      const started = startTold(disk);
      await started.told(/journal cannot be written: ENOSPC/);
      started.kill('SIGINT');
      const code = await started.code;
      assert.equal(code, 5, started.text());
      assert.match(started.text(), /The journal cannot be written: ENOSPC/);
      spawnSync('/bin/mount', ['-o', 'remount,size=20m', disk]);
      rmSync(join(disk, 'ballast'));
      const again = await start(program, everything, disk, { FIXTURE: 'bulky' }).ended;
      assert.equal(again.code, 0, again.stderr);
      assert.equal(readRows(join(disk, 'fixture.all', 'results.csv')).length, 100);
    } finally {
      unmount(disk);
    }
  });

  function startTold(folder: string): {
    readonly told: (what: RegExp) => Promise<void>;
    readonly kill: (signal: NodeJS.Signals) => void;
    readonly code: Promise<number | null>;
    readonly text: () => string;
  } {
    const run = start(program, everything, folder, { FIXTURE: 'bulky' });
    let isOver = false;
    const code = run.ended.then((ended) => {
      isOver = true;
      return ended.code;
    });
    const told = async (what: RegExp): Promise<void> => {
      while (!what.test(run.heard())) {
        assert.ok(!isOver, run.heard());
        await wait(20);
      }
    };
    return { told, kill: run.kill, code, text: run.heard };
  }
});
