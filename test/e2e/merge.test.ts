import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { encodeLine } from '../../src/core/journal/line.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import {
  copyFolder,
  type Ended,
  emptyFolder,
  fixtureExecutable,
  readRows,
  readSummary,
  start,
} from '../fixtures/executable.ts';
import { writeJournal } from '../fixtures/write-journal.ts';

const machines = '{ "lab1": [1, 2], "lab2": [1, 2] }';
/** Every 23rd of 200 jobs fails, every 7th leaves a file. */
const environment = { FIXTURE: 'killable' };

describe('merge and verify, on the built executable', () => {
  let program = '';
  /** Both machines have run. */
  let home = '';
  before(async () => {
    program = await fixtureExecutable();
    home = emptyFolder();
    writeFileSync(join(home, 'machines.json'), machines);
    for (const machine of ['lab1', 'lab2', 'N/A']) {
      const words = ['--machine', machine, '--yes', '--cores', '2', '-o', 'run.retries=0', '-o', 'run.halt=never'];
      const { code, stderr } = await start(program, words, home, environment).ended;
      assert.equal(code, 3, stderr);
    }
  });

  const copyOfHome = (): string => {
    const folder = emptyFolder();
    copyFolder(home, folder);
    return folder;
  };
  const run = (folder: string, ...words: string[]): Promise<Ended> => start(program, words, folder, environment).ended;
  const proofIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'fixture.merged', 'proof.json'), 'utf8'));

  it('folders, single journals, gzipped ones: one whole in three formats, files and failures gathered, and verified', async () => {
    const folder = copyOfHome();
    const journal = join(folder, 'fixture.lab2', 'journal.jsonl');
    writeFileSync(`${journal}.gz`, gzipSync(readFileSync(journal)));
    rmSync(journal);
    const given = [join('fixture.lab1', 'journal.jsonl'), 'fixture.lab2'];
    const { code, stderr } = await run(folder, 'merge', ...given, '--format', 'csv,jsonl,sqlite');
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^Settled, 9 failed: failed\.csv$/m);
    assert.match(stderr, /^lab1: \d+ done, \d+ failed\nlab2: /m);
    assert.doesNotMatch(stderr, /ExperimentalWarning|SQLite/);
    const merged = join(folder, 'fixture.merged');
    const rows = readRows(join(merged, 'results.csv'));
    assert.deepEqual(
      rows.map((row) => Number(row.split(',')[3])),
      Array.from({ length: 200 }, (_, job) => job).filter((job) => job % 23 !== 0),
    );
    assert.deepEqual(
      readdirSync(merged).filter((name) => name.startsWith('.') || name.includes('lock')),
      [],
    );
    const cellsOf = (row: string): unknown[] => row.split(',').slice(4).map(Number);
    const lines = readFileSync(join(merged, 'results.jsonl'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)).map(({ n, value }) => [n, value]),
      rows.map(cellsOf),
    );
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const database = new DatabaseSync(join(merged, 'results.sqlite'));
    const found = database.prepare('SELECT n, value, typeof(n) AS type, "Job ID" AS job FROM results').all();
    database.close();
    assert.deepEqual(
      found.map(({ n, value }) => [n, value]),
      rows.map(cellsOf),
    );
    assert.ok(found.every(({ n, job, type }) => n === job && type === 'integer'));
    assert.deepEqual(
      readRows(join(merged, 'failed.csv')).map((row) => Number(row.split(',')[0])),
      [0, 23, 46, 69, 92, 115, 138, 161, 184],
    );
    for (let job = 0; job < 200; job++) {
      const path = join(merged, 'files', String(job), 'data.txt');
      if (job % 7 === 0 && job % 23 !== 0) assert.equal(readFileSync(path, 'utf8'), `of job ${job}`);
      else assert.ok(!existsSync(path), path);
    }
    assert.equal(readSummary(merged).jobs.done, 191);

    // A year later, somewhere else: the results and their proof are all that is left.
    const later = emptyFolder();
    for (const name of ['results.csv', 'proof.json']) copyFolder(join(merged, name), join(later, name));
    const verified = await run(later, 'verify', 'results.csv');
    assert.equal(verified.code, 0, verified.stderr);
    assert.match(verified.stderr, /191 rows of 191 jobs.*\n.*\n.*of 200 jobs 9 failed, 0 missing/);
    assert.deepEqual(readdirSync(later).sort(), ['proof.json', 'results.csv']);
    const [header, ...all] = readFileSync(join(later, 'results.csv'), 'utf8').split(/(?<=\n)/);
    writeFileSync(join(later, 'results.csv'), [header, ...all.toSpliced(100, 1)].join(''));
    const differs = await run(later, 'verify', 'results.csv', '--proof', 'proof.json');
    assert.equal(differs.code, 6, differs.stderr);
    assert.match(differs.stderr, /^results\.csv:102: job 105 is the first that differs: a row of it is missing/m);
    assert.equal((await run(later, 'verify', 'nothing.csv')).code, 2);
    const unmerged = await run(folder, 'verify', join('fixture.lab1', 'results.csv'));
    assert.equal(unmerged.code, 2, unmerged.stderr);
    assert.match(
      unmerged.stderr,
      /fixture\.lab1 is a run folder: .*\n {2}merge fixture\.lab1\n {2}verify fixture\.merged\/results\.csv\n/,
    );
    assert.match((await run(folder, 'verify', 'fixture.merged')).stderr, /is a folder\n {2}give the results in it/);
    appendFileSync(join(later, 'proof.json'), '.');
    assert.equal((await run(later, 'verify', 'results.csv')).code, 6);
  });

  it('without folders: all beside the three files, unless they are of several experiments', async () => {
    const folder = copyOfHome();
    copyFolder(join(folder, 'fixture.lab1'), join(folder, 'old.fixture.lab1.20260731T140233Z'));
    const all = await run(folder, 'merge');
    assert.equal(all.code, 3, all.stderr);
    assert.match(all.stderr, /^Folders {5}fixture\.all, fixture\.lab1, fixture\.lab2\n/);
    const proof = readFileSync(join(folder, 'fixture.merged', 'proof.json'), 'utf8');
    // What it wrote is not among what it takes.
    const again = await run(folder, 'merge');
    assert.equal(again.stderr, all.stderr);
    assert.equal(readFileSync(join(folder, 'fixture.merged', 'proof.json'), 'utf8'), proof);
    writeJournal(join(folder, 'y z.lab1'), [], { experiment: 'y z' });
    const several = await run(folder, 'merge');
    assert.equal(several.code, 2, several.stderr);
    assert.match(several.stderr, /^The run folders in .* are of 2 experiments; name those that are meant:$/m);
    assert.match(several.stderr, /^ {2}merge fixture\.all fixture\.lab1 fixture\.lab2$/m);
    assert.match(several.stderr, /^ {2}merge "y z\.lab1" # with the program of y z$/m);
    const elsewhere = emptyFolder();
    const none = await run(elsewhere, 'merge');
    assert.equal(none.code, 2);
    assert.match(none.stderr, /^There are no run folders in .*; give some, such as fixture\.lab1\.$/m);
    writeJournal(join(elsewhere, 'y.lab1'), [], { experiment: 'y' });
    const strange = await run(elsewhere, 'merge');
    assert.equal(strange.code, 2);
    assert.match(strange.stderr, /are of another experiment; .*\n {2}merge y\.lab1 # with the program of y\n$/);
  });

  it('says what is missing, of whom, since when, and what to do: exit 6, unless --partial', async () => {
    const folder = copyOfHome();
    const journal = join(folder, 'fixture.lab1', 'journal.jsonl');
    const lines = readFileSync(journal, 'utf8').split(/(?<=\n)/);
    // A copy that was made while the machine was running.
    writeFileSync(journal, [...lines.slice(0, -2), lines.at(-2)?.slice(0, 50)].join(''));
    const { code, stderr } = await run(folder, 'merge', 'fixture.lab1');
    assert.equal(code, 6, stderr);
    assert.match(stderr, /fixture\.lab1: the journal ends within a line/);
    assert.match(
      stderr,
      /^Missing +\d+ jobs? of lab1: [\d–, …]+\n +lab1 was last heard of (today at|on) \d.*: start it again \(--machine lab1\)/m,
    );
    assert.match(
      stderr,
      /^Missing +100 jobs of lab2: .*, …\n +no journal of lab2 was given: copy fixture\.lab2 here.*`rescue --lost lab2 FOLDERS…`/m,
    );
    assert.deepEqual(proofIn(folder).complete, false);
    const partial = await run(folder, 'merge', 'fixture.lab1', '--partial');
    assert.equal(partial.code, 3, partial.stderr);
  });

  it('a merge in which jobs are missing does not replace one in which none is, unless --partial', async () => {
    const folder = copyOfHome();
    const results = join(folder, 'fixture.merged', 'results.csv');
    assert.equal((await run(folder, 'merge', 'fixture.lab1', 'fixture.lab2')).code, 3);
    const whole = readFileSync(results, 'utf8');
    const kept = await run(folder, 'merge', 'fixture.lab1');
    assert.equal(kept.code, 6, kept.stderr);
    assert.match(kept.stderr, /^Kept +.*fixture\.merged as it was: .*--partial replaces it$/m);
    assert.match(kept.stderr, /^Missing +100 jobs of lab2/m);
    assert.equal(readFileSync(results, 'utf8'), whole);
    assert.equal((await run(folder, 'verify', 'fixture.merged/results.csv')).code, 0);
    assert.equal((await run(folder, 'merge', 'fixture.lab1', '--partial')).code, 3);
    assert.ok(readFileSync(results, 'utf8').length < whole.length);
  });

  it('equal results of two machines are evidence; different ones of the same code an error, until somebody decides', async () => {
    const folder = copyOfHome();
    const given = ['fixture.lab1', 'fixture.lab2', 'fixture.all'];
    const equal = await run(folder, 'merge', ...given);
    assert.equal(equal.code, 3, equal.stderr);
    assert.match(equal.stderr, /^Evidence +191 jobs computed more than once, with equal results$/m);
    const before = readFileSync(join(folder, 'fixture.merged', 'results.csv'), 'utf8');
    assert.equal(Object.keys(proofIn(folder).plans).length, 1);

    const journal = join(folder, 'fixture.all', 'journal.jsonl');
    let job = -1;
    const changed = readFileSync(journal, 'utf8')
      .split('\n')
      .map((line) => {
        if (job >= 0 || !line.includes('"type":"block"')) return line;
        const { crc: _crc, seq, ...body } = JSON.parse(line);
        job = body.jobs[0];
        body.rows[0][0][1] += 1;
        return encodeLine(seq, JSON.stringify(body), checksum).trimEnd();
      });
    writeFileSync(journal, changed.join('\n'));
    const { code, stderr } = await run(folder, 'merge', ...given);
    assert.equal(code, 6, stderr);
    assert.match(
      stderr,
      new RegExp(
        `^job ${job} has different results on (all and on lab\\d|lab\\d and on all), of the same code\n.*--on-conflict`,
        'm',
      ),
    );
    // What an earlier merge wrote stays as it was.
    assert.equal(readFileSync(join(folder, 'fixture.merged', 'results.csv'), 'utf8'), before);
    assert.deepEqual(
      readdirSync(join(folder, 'fixture.merged')).filter((name) => name.startsWith('.')),
      [],
    );
    const decided = await run(folder, 'merge', ...given, '--on-conflict', 'first');
    assert.equal(decided.code, 3, decided.stderr);
    const { conflicts } = proofIn(folder);
    assert.deepEqual([conflicts.decidedBy, conflicts.count, conflicts.jobs[0].job], ['first', 1, job]);
    const byMachine = await run(folder, 'merge', ...given, '--on-conflict', 'N/A');
    assert.equal(byMachine.code, 3, byMachine.stderr);
    assert.notEqual(readFileSync(join(folder, 'fixture.merged', 'results.csv'), 'utf8'), before);
    const byNobody = await run(folder, 'merge', ...given, '--on-conflict', 'lab9');
    assert.equal(byNobody.code, 2, byNobody.stderr);
    assert.match(
      byNobody.stderr,
      /--on-conflict: none of these journals is of a machine "lab9"\n {2}is lab[12] meant\?/,
    );
  });

  it('a file that is not as recorded is named: exit 6; what is not an experiment of ours: exit 4; nothing there: exit 2', async () => {
    const folder = copyOfHome();
    writeFileSync(join(folder, 'fixture.all', 'files', '7', 'data.txt'), 'of job 8');
    const { code, stderr } = await run(folder, 'merge', 'fixture.all', 'fixture.merged');
    assert.equal(code, 2, stderr);
    mkdirSync(join(folder, 'fixture.merged'), { recursive: true });
    writeFileSync(join(folder, 'fixture.merged', 'proof.json'), '{}');
    const again = await run(folder, 'merge', 'fixture.all', 'fixture.merged');
    assert.equal(again.code, 6, again.stderr);
    assert.match(again.stderr, /fixture\.merged is passed over: merge wrote it/);
    for (const name of ['fixture.report.html', 'fixture.sbatch']) writeFileSync(join(folder, name), '#!/bin/sh');
    const withMore = await run(folder, 'merge', 'fixture.all', 'fixture.report.html', 'fixture.sbatch');
    assert.equal(withMore.code, 6, withMore.stderr);
    assert.match(
      withMore.stderr,
      /fixture\.report\.html is passed over: it is no run folder and no journal\n.*sbatch is/,
    );
    assert.match(
      again.stderr,
      /warning: job 7: data\.txt has another content than the journal says \(SHA-256\) in fixture\.all/,
    );
    const other = await start(program, ['merge', 'fixture.all'], folder, { FIXTURE: 'slow' }).ended;
    assert.equal(other.code, 4, other.stderr);
    assert.match(other.stderr, /fixture\.all holds another experiment: the pool changed/);
    assert.equal((await run(folder, 'merge', 'fixture.lab7')).code, 2);
    assert.equal((await run(folder, 'merge', 'fixture.all', '--format', 'xlsx')).code, 2);
  });
});
