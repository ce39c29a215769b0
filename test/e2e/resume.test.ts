import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Ended, emptyFolder, fixtureExecutable, readSummary, start } from '../fixtures/executable.ts';
import { forgetOutcomes, pretendOtherCode, ranIn, resultOf, rowsOf, runGrowing } from '../fixtures/growing.ts';

describe('going on where an earlier start stopped, on the built executable', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  const run = (
    folder: string,
    pool: string,
    words: readonly string[] = [],
    more: Record<string, string> = {},
  ): Promise<Ended> => runGrowing(program, folder, pool, words, more);

  function contentOf(folder: string): Record<string, string> {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(folder, name)).isFile(),
    );
    return Object.fromEntries(
      names.map((name) => [
        name,
        `${statSync(join(folder, name)).mtimeMs} ${readFileSync(join(folder, name), 'base64')}`,
      ]),
    );
  }

  it('a finished run started again prints its summary and touches nothing', async () => {
    const folder = emptyFolder();
    const first = await run(folder, 'a,b,c');
    assert.equal(first.code, 0, first.stderr);
    for (const text of ['setup runs', 'handed out a', 'teardown with 3'])
      assert.ok(first.stderr.includes(text), first.stderr);
    const before = contentOf(join(folder, 'fixture.all'));
    // As if it had been killed while it wrote its last word.
    writeFileSync(join(folder, 'fixture.all', 'status.json.new'), '');
    const again = await run(folder, 'a,b,c');
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /Finished already.*\n.*3 done, 0 failed[\s\S]*Reduced +\["a","b","c"\]/);
    assert.doesNotMatch(again.stderr, /setup runs|handed out|teardown/);
    assert.deepEqual(contentOf(join(folder, 'fixture.all')), before);
  });

  it('[results] compress: results.csv.gz at the end; touched no more, mended when damaged, made anew when more runs', async () => {
    const folder = emptyFolder();
    const words = ['-o', 'results.compress=yes', '-o', 'random.seed=fixed'];
    const place = join(folder, 'fixture.all');
    const [plain, compressed] = [join(place, 'results.csv'), join(place, 'results.csv.gz')];
    const read = (): string => {
      assert.ok(!existsSync(plain));
      return gunzipSync(readFileSync(compressed)).toString();
    };
    assert.equal((await run(folder, 'a,bad,c', words)).code, 3);
    const before = contentOf(place);
    const text = read();
    // In the order in which they ended.
    for (const row of [/\n.*,0,a,.*\n/, /\n.*,2,c,.*\n/]) assert.match(text, row);
    assert.equal(text.split('\n').length, 4);
    assert.equal(readSummary(place).files.results, 'results.csv.gz');
    const again = await run(folder, 'a,bad,c', words);
    assert.match(again.stderr, /Finished already/);
    assert.deepEqual(contentOf(place), before);
    const bytes = readFileSync(compressed);
    for (const damaged of [bytes.subarray(0, -9), gzipSync(text.replace('c', 'd'))]) {
      writeFileSync(compressed, damaged);
      assert.equal((await run(folder, 'a,bad,c', words)).code, 3);
      assert.equal(read(), text);
    }
    assert.equal((await run(folder, 'a,bad,c', [...words, '--retry-failed'], { MENDED: '1' })).code, 0);
    assert.equal(read().split('\n').length, 5);
    // Wished no longer: the plain file is back.
    const without = await run(folder, 'a,bad,c', words.slice(2), { MENDED: '1' });
    assert.equal(without.code, 0, without.stderr);
    assert.ok(!existsSync(compressed));
    assert.equal(rowsOf(folder).length, 3);
  });

  it('a pool with the same seed may grow, shrink and be reordered: only what is new runs', async () => {
    const folder = emptyFolder();
    const seed = ['-o', 'random.seed=fixed'];
    assert.equal((await run(folder, 'a,b,a', seed)).code, 0);
    const old = rowsOf(folder);
    const grown = await run(folder, 'x,b,a,a,a', seed);
    assert.equal(grown.code, 0, grown.stderr);
    assert.match(grown.stderr, /continuing: 3 of 5 done, last written \d\d:\d\d, same code/);
    assert.deepEqual(ranIn(folder), [0, 4]);
    assert.doesNotMatch(grown.stderr, /handed out b/);
    assert.equal(resultOf(rowsOf(folder), 'b'), resultOf(old, 'b'));
    assert.deepEqual(
      rowsOf(folder).map((row) => row.split(',').slice(0, 2).join()),
      ['0,x', '1,b', '2,a', '3,a', '4,a'],
    );
    assert.deepEqual(readSummary(join(folder, 'fixture.all')).reduced, ['x', 'b', 'a', 'a', 'a']);
    const shrunk = await run(folder, 'a,x', seed);
    assert.equal(shrunk.code, 0, shrunk.stderr);
    assert.deepEqual(ranIn(folder), []);
    assert.match(shrunk.stderr, /3 settled jobs not among those here any more; kept in the journal/);
    assert.deepEqual(
      rowsOf(folder).map((row) => row.split(',').slice(0, 2).join()),
      ['0,a', '1,x'],
    );
    const back = await run(folder, 'a,b,a', seed);
    assert.equal(back.code, 0, back.stderr);
    assert.deepEqual(ranIn(folder), []);
    assert.deepEqual(rowsOf(folder), old);
  });

  it('a seed that moved with the pool: refused with the line that goes on with the same numbers', async () => {
    const folder = emptyFolder();
    assert.equal((await run(folder, 'a,b')).code, 0);
    const [old, before] = [rowsOf(folder), contentOf(join(folder, 'fixture.all'))];
    const refused = await run(folder, 'a,b,c');
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /another experiment: the pool changed \(2 jobs then, 3 now\)[\s\S]*--fresh[\s\S]*--out/,
    );
    const [, seed] = /\[random\]\n +(seed = [0-9a-f]{64})\n/.exec(refused.stderr) ?? [];
    assert.deepEqual(contentOf(join(folder, 'fixture.all')), before);
    const config = join(folder, 'runner.config');
    const text = readFileSync(config, 'utf8');
    const withSeed = /^\[random\]$/m.test(text)
      ? text.replace(/^\[random\]$/m, `[random]\n${seed}`)
      : `${text}\n[random]\n${seed}\n`;
    writeFileSync(config, withSeed.replace(/^seed = none$/m, ''));
    const goesOn = await run(folder, 'a,b,c');
    assert.equal(goesOn.code, 0, goesOn.stderr);
    assert.deepEqual(ranIn(folder), [2]);
    assert.deepEqual(rowsOf(folder).slice(0, 2), old);
  });

  it('a setting that jobs ask for in vain: what is said is what follows, and a default in the code keeps what is done', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'runner.config'), '[model]\n');
    const first = await run(folder, 'a,lacks');
    assert.equal(first.code, 3, first.stderr);
    const advice = "Once jobs are done, mend the code instead: config.getInt('model', 'sweeps', …) takes a default";
    assert.ok(first.stderr.includes(advice), first.stderr);
    const added = ['-o', 'model.sweeps=20', '--accept-code'];
    const refused = await run(folder, 'a,lacks', added);
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /another experiment: \[model\] sweeps was not there, is "20"[\s\S]*set it back to go on \(.*config\.getInt\(.*--accept-code --retry-failed.*--fresh.*--out/,
    );
    pretendOtherCode(folder);
    const mended = await run(folder, 'a,lacks', ['--accept-code', '--retry-failed'], { MENDED: '1' });
    assert.equal(mended.code, 0, mended.stderr);
    assert.deepEqual(ranIn(folder), [1]);
    // Where nothing is done, nothing is lost.
    const all = emptyFolder();
    writeFileSync(join(all, 'runner.config'), '[model]\n');
    assert.equal((await run(all, 'lacks')).code, 3);
    const none = await run(all, 'lacks', added);
    assert.match(none.stderr, /no job has succeeded there: --fresh/);
    assert.doesNotMatch(none.stderr, /config\.getInt/);
    assert.equal((await run(all, 'lacks', [...added, '--fresh'])).code, 0);
  });

  it('changed settings are another experiment, whatever the seed; the refusal names them', async () => {
    const folder = emptyFolder();
    const seed = ['-o', 'random.seed=fixed'];
    writeFileSync(join(folder, 'runner.config'), '[model]\nsweeps = 10\n');
    assert.equal((await run(folder, 'a,b', seed)).code, 0);
    const refused = await run(folder, 'a,b', [...seed, '-o', 'model.sweeps=20']);
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /another experiment: \[model\] sweeps was "10", is "20"[\s\S]*set it back.*--fresh.*--out/,
    );
    const fresh = await run(folder, 'a,b', [...seed, '-o', 'model.sweeps=20', '--fresh']);
    assert.equal(fresh.code, 0, fresh.stderr);
    const [, aside = ''] = /Moved aside (.*)/.exec(fresh.stderr) ?? [];
    assert.ok(existsSync(join(aside, 'journal.jsonl')), fresh.stderr);
    const counted = async (...words: readonly string[]): Promise<number> =>
      JSON.parse((await start(program, ['status', '--json', ...words], folder).ended).stdout).jobs.total;
    assert.equal(await counted(), 2);
    assert.equal(await counted(aside, 'fixture.all'), 4);
    assert.equal((await run(emptyFolder(), 'a,b', ['--fresh'])).code, 0);
  });

  it('a named machine goes on with a grown pool, not with other machines', async () => {
    const folder = emptyFolder();
    const words = ['--machine', 'lab1', '-o', 'random.seed=fixed'];
    writeFileSync(join(folder, 'machines.json'), '{ "lab1": [1, 2], "lab2": [1, 2] }');
    assert.equal((await run(folder, 'a,b,c,d', words)).code, 0);
    const grown = await run(folder, 'a,b,c,d,e,f,g,h', words);
    assert.equal(grown.code, 0, grown.stderr);
    assert.equal(rowsOf(folder, 'lab1').length, 4);
    writeFileSync(join(folder, 'machines.json'), '{ "lab1": [1, 2], "lab2": [3, 2] }');
    const refused = await run(folder, 'a,b,c,d,e,f,g,h', words);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /another plan: lab2: weight was 1, is 3[\s\S]*--cores[\s\S]*--fresh/);
  });

  it('--retry-failed runs failed jobs again, and only those', async () => {
    const folder = emptyFolder();
    assert.equal((await run(folder, 'a,bad,c')).code, 3);
    const report = join(folder, 'fixture.all', 'report.html');
    writeFileSync(report, 'of before');
    const again = await run(folder, 'a,bad,c');
    assert.equal(again.code, 3, again.stderr);
    assert.deepEqual(ranIn(folder), []);
    assert.equal(readFileSync(report, 'utf8'), 'of before');
    const mended = await run(folder, 'a,bad,c', ['--retry-failed'], { MENDED: '1' });
    assert.equal(mended.code, 0, mended.stderr);
    // However short a session: a report of before would say what is no longer so.
    assert.match(readFileSync(report, 'utf8'), /<h2 id="overview">All jobs done<\/h2>/);
    assert.match(mended.stderr, /continuing: 2 of 3 done, 1 failed \(--retry-failed\)/);
    assert.deepEqual(ranIn(folder), [1]);
    assert.ok(!existsSync(join(folder, 'fixture.all', 'failed.csv')));
  });

  it('other code: --yes alone refuses, --accept-code goes on, --rerun-older-code runs the old jobs again', async () => {
    const folder = emptyFolder();
    assert.equal((await run(folder, 'a,b,c')).code, 0);
    forgetOutcomes(folder);
    pretendOtherCode(folder);
    const refused = await run(folder, 'a,b,c');
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /other code \(c0dec0dec0dec0de, now [0-9a-f]{16}\)[\s\S]*--accept-code[\s\S]*--rerun-older-code/,
    );
    const accepted = await run(folder, 'a,b,c', ['--accept-code']);
    assert.equal(accepted.code, 0, accepted.stderr);
    pretendOtherCode(folder);
    const rerun = await run(folder, 'a,b,c', ['--rerun-older-code']);
    assert.equal(rerun.code, 0, rerun.stderr);
    assert.deepEqual(ranIn(folder), [0, 1, 2]);
    assert.equal(rowsOf(folder).length, 3);
    const once = await run(folder, 'a,b,c', ['--rerun-older-code']);
    assert.match(once.stderr, /Finished already/);
  });

  it('a finished run started again by other code says so, and what to do; its reduce is called again where it has changed', async () => {
    const folder = emptyFolder();
    const path = join(folder, 'fixture.all', 'summary.json');
    const edit = (change: Record<string, unknown>): void =>
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
    assert.equal((await run(folder, 'a,b,c')).code, 0);
    // What the same code says is left alone, whatever it is: a `reduce` may tell the time.
    edit({ reduced: ['earlier'] });
    assert.match((await run(folder, 'a,b,c')).stderr, /Finished already; nothing was touched/);
    assert.deepEqual(readSummary(join(folder, 'fixture.all')).reduced, ['earlier']);
    pretendOtherCode(folder);
    edit({ reduced: ['a', 'b', 'c'], codeFingerprint: 'c0de'.repeat(16) });
    const before = contentOf(join(folder, 'fixture.all'));
    const same = await run(folder, 'a,b,c', ['--accept-code']);
    assert.equal(same.code, 0, same.stderr);
    const words =
      /by other code than this; nothing was touched[\s\S]*^Code +3 by c0dec0dec0dec0de, 0 by this code \([0-9a-f]{16}\)[\s\S]*--rerun-older-code runs the 3 jobs of other code again, --fresh/m;
    assert.match(same.stderr, words);
    assert.deepEqual(contentOf(join(folder, 'fixture.all')), before);
    edit({ reduced: ['older'] });
    const other = await run(folder, 'a,b,c');
    assert.equal(other.code, 0, other.stderr);
    assert.match(other.stderr, /by other code than this; no job ran[\s\S]*--rerun-older-code runs the 3 jobs/);
    assert.match(other.stderr, /teardown with 3/);
    assert.doesNotMatch(other.stderr, /setup runs|handed out/);
    assert.deepEqual(ranIn(folder), []);
    assert.deepEqual(readSummary(join(folder, 'fixture.all')).reduced, ['a', 'b', 'c']);
    assert.match((await run(folder, 'a,b,c')).stderr, /by other code than this; nothing was touched/);
    const rerun = await run(folder, 'a,b,c', ['--rerun-older-code']);
    assert.equal(rerun.code, 0, rerun.stderr);
    assert.deepEqual(ranIn(folder), [0, 1, 2]);
    assert.doesNotMatch(rerun.stderr, /^Code|--rerun-older-code/m);
  });

  it('refuses a folder of another machine', async () => {
    const folder = emptyFolder();
    assert.equal((await run(folder, 'a,b')).code, 0);
    writeFileSync(join(folder, 'machines.json'), '{ "lab1": [1, 2] }');
    const refused = await run(folder, 'a,b', ['--machine', 'lab1', '--out', join(folder, 'fixture.all')]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /holds the jobs of N\/A \(all jobs\), not lab1/);
  });
});
