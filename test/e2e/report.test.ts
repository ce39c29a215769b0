import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { distFolder } from '../../build/folders.ts';
import { machineName } from '../../src/core/ids.ts';
import { countInk, openFile, startBrowser, whyNoBrowser } from '../fixtures/browser.ts';
import { copyFolder, type Ended, emptyFolder, fixtureExecutable, start } from '../fixtures/executable.ts';
import { type WrittenJob, writeJournal } from '../fixtures/write-journal.ts';

/** What the page looks like is for people to judge; these stay after the tests. */
const shotsFolder = join(distFolder, 'screenshots');
const machines = ['lab1', 'lab2', 'lab3'] as const;
const plots = ['plot-durations', 'plot-lanes', 'plot-progress', 'plot-rate'];

describe('report', { skip: whyNoBrowser }, () => {
  let program: string;
  let browser: Browser;
  const folder = emptyFolder();
  before(async () => {
    program = await fixtureExecutable();
    browser = await startBrowser();
    mkdirSync(shotsFolder, { recursive: true });
  });
  after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const run = (words: readonly string[], environment: Record<string, string> = {}, place = folder): Promise<Ended> =>
    start(program, words, place, { FIXTURE: 'campaign', ...environment }).ended;

  /** Writes a report and looks at it; `drawn`: which plots must show something. */
  async function look(
    name: string,
    folders: readonly string[],
    drawn: readonly string[],
    schemes: readonly ('light' | 'dark')[] = ['light'],
  ): Promise<string> {
    const path = join(folder, `${name}.html`);
    const { code, stderr } = await run(['report', ...folders, '--out', path]);
    assert.equal(code, 0, stderr);
    for (const scheme of schemes) {
      const { page, complaints, requests } = await openFile(browser, path, { scheme });
      await page.screenshot({ path: join(shotsFolder, `report-${name}-${scheme}.png`), fullPage: true });
      const ink = await countInk(page);
      assert.deepEqual(Object.keys(ink).sort(), drawn);
      for (const [plot, count] of Object.entries(ink))
        assert.ok(count > 100, `${name}, ${scheme}: ${plot} is not drawn (${count} pixels)`);
      assert.equal(await page.evaluate('window.hurt'), undefined);
      assert.deepEqual([complaints, requests], [[], []]);
      await page.context().close();
    }
    return path;
  }

  it('of three machines with 1,000 jobs, some of which fail and would like to be a page of their own', async () => {
    writeFileSync(join(folder, 'machines.json'), '{ "lab1": [1, 1], "lab2": [1, 1], "lab3": [2, 2] }');
    const environment = { REPLICATES: '167', WORK_US: '300' };
    const flags = ['--yes', '-o', 'run.retries=0', '-o', 'run.halt=never'];
    for (const machine of machines) {
      const slow = machine === 'lab2' ? { WORK_US: '1500' } : {};
      assert.equal((await run([...flags, '--machine', machine], { ...environment, ...slow })).code, 3);
    }
    const { code, stderr } = await run(['report'], environment);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Jobs {8}960 done, 42 failed, 0 left\nReport {6}.*campaign\.report\.html\n/);
    const page = readFileSync(join(folder, 'campaign.report.html'), 'utf8');
    assert.match(page, /together: 42 of the 167 jobs with all of these failed so/);
    const folders = machines.map((machine) => `campaign.${machine}`);
    const path = await look('1000', folders, plots, ['light', 'dark']);
    await lookNarrow(path);
  });

  /** On a telephone nothing but tables may be wider than the page; words under the cursor say what it points at. */
  async function lookNarrow(path: string): Promise<void> {
    const { page } = await openFile(browser, path, { scheme: 'light', width: 390 });
    assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= 390);
    await page.screenshot({ path: join(shotsFolder, 'report-narrow.png'), fullPage: true });
    await page.setViewportSize({ width: 1_000, height: 800 });
    await page.locator('#plot-lanes .u-over').hover({ position: { x: 20, y: 5 } });
    assert.match((await page.locator('.readout').textContent()) ?? '', /^lab1, worker 1, .* UTC: busy \d/);
    const unnamed =
      'document.querySelectorAll(".plot:not([role=img][aria-label]), table:not(.u-legend):not(:has(caption)), figure:not(:has(table))").length';
    assert.equal(await page.evaluate(unnamed), 0);
    await page.context().close();
  }

  it('of one job, and of a run that has settled none', async () => {
    const one = join(folder, 'one');
    writeJournal(one, [{ job: 0, args: [1], worker: 1, startedAtMs: 1.79e12, runMs: 40 }], { total: 1, share: 1 });
    await look('1', ['one'], plots, ['dark']);
    const none = join(folder, 'none');
    writeJournal(none, [], { total: 5, share: 5 });
    const path = await look('0', ['none'], []);
    assert.match(readFileSync(path, 'utf8'), /No job has ended yet/);
  });

  it('of a run that goes on', async () => {
    const place = emptyFolder();
    const environment = { FIXTURE: 'campaign', REPLICATES: '10000', WORK_US: '20000' };
    const started = start(program, ['--machine', 'N/A', '--yes', '--cores', '2'], place, environment);
    let text = '';
    for (let tries = 0; tries < 200 && !/<td>running, about [^<]* left<\/td>/.test(text); tries++) {
      const { code } = await run(['report', 'campaign.all'], {}, place);
      if (code === 0) text = readFileSync(join(place, 'campaign.all', 'report.html'), 'utf8');
    }
    assert.match(text, /<h2 id="overview">[\d.<&#; ]+% settled at .* UTC; about /);
    started.kill('SIGKILL');
    await started.ended;
    rmSync(place, { recursive: true, force: true, maxRetries: 5 });
  });

  it('is written at the end of a run that took long enough not to feel it', async () => {
    const place = emptyFolder();
    const [path, brief] = [join(place, 'fixture.all', 'report.html'), join(place, 'brief')];
    const flags = ['--machine', 'N/A', '--yes', '--cores'];
    const long = run([...flags, '1'], { FIXTURE: 'slow' }, place);
    assert.equal((await run([...flags, '2', '--out', brief], { FIXTURE: 'sum', REPLICATES: '2' }, place)).code, 0);
    assert.equal(existsSync(join(brief, 'report.html')), false);
    const { code, stderr } = await long;
    assert.deepEqual([code, stderr.endsWith(`Report      ${path}\n`)], [0, true], stderr);
    assert.match(readFileSync(path, 'utf8'), /<h2 id="overview">All jobs done<\/h2>/);
    rmSync(place, { recursive: true, force: true });
  });

  it('of 100,000 jobs on three machines takes less than 5 s and 5 MB', async () => {
    const folders = machines.map((machine, at) => {
      const share = { machine: machineName(machine), total: 100_000, share: at === 0 ? 33_334 : 33_333, cores: 8 };
      writeJournal(join(folder, `many.${machine}`), manyJobs(at), { ...share, startedAtMs: 1.79e12 });
      return `many.${machine}`;
    });
    const startedMs = performance.now();
    const { code, stderr } = await run(['report', ...folders, '--out', 'many.html']);
    assert.match(`${code} ${stderr}`, /^0 Jobs {8}99,000 done, 1,000 failed, 0 left\n/);
    const seconds = (performance.now() - startedMs) / 1_000;
    assert.ok(seconds < 5, `${seconds} s`);
    const path = await look('100000', folders, plots);
    assert.ok(statSync(path).size < 5e6);
    const page = readFileSync(path, 'utf8');
    const jobs = [...page.matchAll(/<tr><th scope="row">lab\d<\/th><td>8<\/td><td>(33,33\d)<\/td>/g)].map(
      ([, count]) => count,
    );
    assert.deepEqual(jobs, ['33,334', '33,333', '33,333']);
  });

  it('refuses what belongs to no run, to another experiment, or is there twice, and says so', async () => {
    const expect = async (folders: readonly string[], what: RegExp): Promise<void> => {
      const { code, stderr } = await run(['report', ...folders]);
      assert.deepEqual([code, what.test(stderr)], [2, true], stderr);
    };
    mkdirSync(join(folder, 'empty'));
    writeJournal(join(folder, 'other'), [], { experiment: 'another' });
    copyFolder(join(folder, 'one'), join(folder, 'copy'));
    await expect(['empty'], /empty holds no journal\.jsonl/);
    await expect(['one', 'other'], /other is of the experiment "another"/);
    await expect(['one', 'copy'], /copy and .*one are the same run/);
    mkdirSync(join(folder, 'foreign'));
    copyFileSync(program, join(folder, 'foreign', 'journal.jsonl'));
    await expect(['foreign'], /is not a journal of this program/);
    // Where some folders are good, the others are left out.
    const { code, stderr } = await run(['report', 'one', 'empty', '--out', 'part.html']);
    assert.deepEqual([code, /^warning: .*empty holds no journal/m.test(stderr)], [0, true], stderr);
    await expect(
      ['one', '--out', 'no/such/folder.html'],
      /^No report: \/.*folder\.html cannot be written: there is no folder \/.*no\/such \(ENOENT\)\n {2}--out FILE/m,
    );
  });
});

/** A third of 100,000 jobs on eight workers over some hours, log-normal; 1 % fail, and a break of an hour in between. */
function* manyJobs(machine: number): Generator<WrittenJob> {
  const free = new Array<number>(9).fill(1.79e12 + 60_000 * machine);
  for (let job = machine; job < 100_000; job += 3) {
    const worker = 1 + ((job * 7) % 8);
    const spread = Math.sin(job * 12.9898) * 43_758.5453;
    const runMs = 3_000 * (machine + 1) * Math.exp(2 * (spread - Math.floor(spread)) - 1);
    const startedAtMs = Math.round(free[worker] ?? 0) + (job === 51_000 + machine ? 3_600_000 : 0);
    free[worker] = startedAtMs + runMs;
    const args = [job % 10, `method ${job % 4}`, job / 1e5];
    const failure = {
      cause: 'error',
      message: `energy is NaN at sweep ${job}`,
      stack: 'Error: x\n    at job (a.ts:1:1)',
    } as const;
    yield { job, args, worker, startedAtMs, runMs, ...(job % 100 === 77 && { failure }) };
  }
}
