import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { type Ended, emptyFolder, fixtureExecutable, readRows, readSummary, start } from '../fixtures/executable.ts';
import { until } from '../fixtures/processes.ts';
import { settledJobsOf } from '../fixtures/settled-jobs.ts';

const everything = ['--machine', 'N/A', '--yes', '--cores', '2'];

describe('the journal taken away during a run, on the built executable', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  const settledIn = (journal: string): ReadonlySet<number> => new Set(settledJobsOf(journal));

  /** A run to whose journal something happens once a few jobs are settled; it must stop, with what was done. */
  async function disturb(folder: string, harm: (journal: string, run: string) => void): Promise<Ended> {
    const run = join(folder, 'fixture.all');
    const journal = join(run, 'journal.jsonl');
    const started = start(program, everything, folder, { FIXTURE: 'slow' });
    await until('some jobs are settled', () => settledIn(journal).size >= 5);
    harm(journal, run);
    const ended = await started.ended;
    assert.equal(ended.code, 5, ended.stderr);
    return ended;
  }

  /** Goes on: what the journal holds does not run again, and in the end all is there. */
  async function goOn(folder: string): Promise<number> {
    const run = join(folder, 'fixture.all');
    const settled = settledIn(join(run, 'journal.jsonl'));
    const notes = join(folder, 'notes');
    const { code, stderr } = await start(program, everything, folder, { FIXTURE: 'slow', NOTES: notes }).ended;
    assert.equal(code, 0, stderr);
    const ran = readFileSync(notes, 'utf8').trimEnd().split('\n').map(Number);
    assert.deepEqual(
      ran.filter((job) => settled.has(job)),
      [],
    );
    assert.equal(ran.length + settled.size, 60);
    assert.equal(readRows(join(run, 'results.csv')).length, 60);
    assert.equal(readSummary(run).jobs.done, 60);
    return settled.size;
  }

  for (const [title, harm] of [
    ['deleted', (journal: string) => rmSync(journal)],
    ['moved', (journal: string) => renameSync(journal, `${journal}.bak`)],
  ] as const) {
    it(`${title}: noticed soon, written again, gone on with`, async () => {
      const folder = emptyFolder();
      const { stderr } = await disturb(folder, harm);
      assert.match(
        stderr,
        /journal\.jsonl was deleted or moved during the run\. It has been written again, whole: start/,
      );
      const { done = 0 } = readSummary(join(folder, 'fixture.all')).jobs;
      assert.ok(done >= 5 && done < 60, `${done}`);
      assert.equal(await goOn(folder), done);
      assert.ok(!existsSync(join(folder, 'fixture.all', 'journal.jsonl.new')));
    });
  }

  it('replaced by another file: that one is left alone, what is settled is saved beside it', async () => {
    const folder = emptyFolder();
    const run = join(folder, 'fixture.all');
    const { stderr } = await disturb(folder, (journal) => {
      writeFileSync(`${journal}.other`, 'my diary\n');
      renameSync(`${journal}.other`, journal);
    });
    assert.match(
      stderr,
      /was replaced by another file.*stands in .*journal\.saved-1\.jsonl: rename it to journal\.jsonl/,
    );
    assert.equal(readFileSync(join(run, 'journal.jsonl'), 'utf8'), 'my diary\n');
    const { done = 0 } = readSummary(run).jobs;
    assert.ok(done >= 5 && done < 60, `${done}`);
    renameSync(join(run, 'journal.saved-1.jsonl'), join(run, 'journal.jsonl'));
    assert.equal(await goOn(folder), done);
  });

  it('cut short: noticed before anything is written behind the hole', async () => {
    const folder = emptyFolder();
    const { stderr } = await disturb(folder, (journal) => {
      const first = readFileSync(journal, 'utf8').split('\n').slice(0, 3).join('\n');
      truncateSync(journal, Buffer.byteLength(first) + 1);
    });
    assert.match(stderr, /another program cut .*journal\.jsonl from \d+ to \d+ bytes\. Put a copy in its place/);
    await goOn(folder);
  });

  it('deleted while the last job runs: not taken for done', async () => {
    const folder = emptyFolder();
    const run = join(folder, 'fixture.all');
    const started = start(program, everything, folder, { FIXTURE: 'growing', POOL: 'a,slow' });
    await until('the first job is settled', () => settledIn(join(run, 'journal.jsonl')).size === 1);
    rmSync(join(run, 'journal.jsonl'));
    const { code, stderr } = await started.ended;
    assert.equal(code, 5, stderr);
    assert.match(stderr, /deleted or moved/);
    const again = await start(program, everything, folder, { FIXTURE: 'growing', POOL: 'a,slow' }).ended;
    assert.equal(again.code, 0, again.stderr);
    assert.equal(readSummary(run).jobs.done, 2);
  });

  it('the whole folder moved: the run stops, and goes on when it is back', async () => {
    const folder = emptyFolder();
    const [run, elsewhere] = [join(folder, 'fixture.all'), join(folder, 'elsewhere')];
    const { stderr } = await disturb(folder, () => renameSync(run, elsewhere));
    assert.match(
      stderr,
      /was deleted or moved during the run, and cannot be written again\. If it was moved, put it back/,
    );
    rmSync(run, { recursive: true, force: true });
    renameSync(elsewhere, run);
    assert.ok((await goOn(folder)) >= 5);
  });
});
