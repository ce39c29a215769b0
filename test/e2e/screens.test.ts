import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';
import { prepareWidths, widthOf } from '../../src/face/text-width.ts';
import { emptyFolder, fixtureExecutable } from '../fixtures/executable.ts';
import { openScreen } from '../fixtures/screen.ts';

/** Made anew by UPDATE_SCREENS=1; to be looked at before they are kept. */
const golden = (name: string): string => join(repositoryFolder, 'test', 'golden', 'screens', `${name}.txt`);

interface Scene {
  /** One after the other, by resizing. */
  readonly widths: readonly number[];
  readonly cores: number;
  readonly style: '0' | '1' | '2';
  readonly environment?: Readonly<Record<string, string>>;
}

const scenes: Readonly<Record<string, Scene>> = {
  'style-0-of-2': { widths: [120], cores: 2, style: '0' },
  'style-1-of-2': { widths: [120, 40], cores: 2, style: '1' },
  'style-1-of-64': { widths: [120, 40], cores: 64, style: '1' },
  'style-1-without-colour': { widths: [80], cores: 3, style: '1', environment: { NO_COLOR: '1' } },
  'style-1-without-unicode': { widths: [80], cores: 3, style: '1', environment: { LC_ALL: 'C' } },
  'style-2-of-2': { widths: [120], cores: 2, style: '2' },
  'style-2-of-64': { widths: [40], cores: 64, style: '2' },
};

/** Times differ from run to run, and which worker is ready first. */
function steady(lines: readonly string[]): string {
  const jobs = lines
    .filter((line) => line.startsWith('job '))
    .sort((a, b) => Number(a.slice(4, 6)) - Number(b.slice(4, 6)));
  const others = lines.filter((line) => !line.startsWith('job '));
  return `${[...jobs, ...others].join('\n')}\n`
    .replace(/\b\d+:\d\d\b/g, 'm:ss')
    .replace(/(\d+ \w+ )+left/g, 'TIME left');
}

/** All workers have begun, and what they said is there. */
function isComplete(lines: readonly string[], { style, cores }: Scene, columns: number): boolean {
  const text = lines.join('\n');
  if (style === '2') return /jobs to run/.test(text);
  if (!/left/.test(text) || lines.some((line) => widthOf(line) >= columns && /^(job|total)/.test(line))) return false;
  // All but each fourth job say how far they are.
  if (lines.some((line) => /^job .* - +\d+:\d\d/.test(line) && Number(line.slice(4, 6)) % 4 !== 3)) return false;
  const shown = lines.filter((line) => /^job +\d/.test(line)).length;
  return style === '0' ? shown === 1 : shown + Number(/and (\d+) more running/.exec(text)?.[1] ?? 0) === cores;
}

function boardOf(lines: readonly string[], style: Scene['style']): string {
  return steady(lines.slice(lines.findIndex((line) => (style === '2' ? /jobs to run/ : /^job +\d/).test(line))));
}

function checkGolden(name: string, seen: string): void {
  if (process.env.UPDATE_SCREENS) writeFileSync(golden(name), seen);
  assert.equal(seen, readFileSync(golden(name), 'utf8'));
}

await prepareWidths(['数']);
const missing = spawnSync('python3', ['--version']).status === 0 ? false : 'python3 is not installed';

describe('what is on the screen', { skip: missing }, () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  for (const [name, scene] of Object.entries(scenes)) {
    it(name, async () => {
      const { widths, cores, style, environment } = scene;
      const folder = emptyFolder();
      const hold = join(folder, 'hold');
      writeFileSync(hold, '');
      const words = ['--machine', 'N/A', '--yes', '--cores', String(cores)];
      const screen = openScreen(program, [...words, '-o', `ProgressPool.style=${style}`, '-o', 'run.order=given'], {
        columns: widths[0] ?? 0,
        rows: 24,
        folder,
        environment: { FIXTURE: 'screens', JOBS: String(cores), HOLD: hold, ...environment },
      });
      try {
        for (const columns of widths) {
          if (columns !== widths[0]) await screen.resize(columns, 24);
          await screen.until(() => isComplete(screen.lines(), scene, columns));
          // Until what measures wide characters is loaded, all others than ASCII count as wide.
          const isMeasured = (): boolean =>
            boardOf(screen.lines(), style) === readFileSync(golden(`${name}-at-${columns}`), 'utf8');
          if (!process.env.UPDATE_SCREENS) await screen.until(isMeasured).catch(() => undefined);
          checkGolden(`${name}-at-${columns}`, boardOf(screen.lines(), style));
          assert.ok(!screen.lines().some((line) => widthOf(line) >= columns && /^(job|total)/.test(line)));
        }
      } finally {
        // Also where it failed: else the program would stay.
        rmSync(hold);
      }
      assert.equal(await screen.ended, 0);
      if (style === '2') return;
      assert.equal(
        ['\u001b[2m', '\u001b[32m', '\u001b[36m'].some((colour) => screen.raw().includes(colour)),
        environment?.NO_COLOR === undefined,
      );
      assert.ok(screen.raw().includes('\u001b[?25h'));
      // The board did not leave a trace of itself above its last state.
      if (widths.length === 1) assert.equal(screen.history().filter((line) => line.startsWith('total')).length, 1);
    });
  }

  it('is redrawn within the new size when the window is resized', async () => {
    const folder = emptyFolder();
    const hold = join(folder, 'hold');
    writeFileSync(hold, '');
    const words = ['--machine', 'N/A', '--yes', '--cores', '3', '-o', 'run.order=given'];
    const environment = { FIXTURE: 'screens', HOLD: hold };
    const screen = openScreen(program, words, { columns: 120, rows: 24, folder, environment });
    await screen.until(/job 2[\s\S]*left/);
    for (const columns of [60, 40, 100, 45, 120]) {
      await screen.resize(columns, 24);
      const bars = (): readonly string[] => screen.lines().filter((line) => /^(job \d|total)/.test(line));
      await screen.until(() => bars().length === 4 && bars().every((line) => widthOf(line) < columns));
    }
    rmSync(hold);
    assert.equal(await screen.ended, 0);
  });

  it('is not disturbed by what jobs print; all of it is in the log', async () => {
    const folder = emptyFolder();
    const words = ['--machine', 'N/A', '--yes', '--cores', '2', '--tail', '-o', 'run.order=given'];
    const environment = { FIXTURE: 'rude', LINES: process.env.LINES ?? '1000000' };
    const screen = openScreen(program, words, { columns: 100, rows: 24, folder, environment });
    assert.equal(await screen.ended, 0);
    assert.equal(screen.title(), '');
    const history = screen.history().join('\n');
    // May have scrolled out of what the emulator keeps. In the order given, so that the flood of lines is not the last:
    // a worker's earlier lines may be pushed out of the tail by its later ones.
    assert.match(screen.raw(), /(job|worker) \d: \\x1b\]0;stolen title\\x07\\x1b\[2J/);
    assert.match(screen.raw(), /\([\d,]+ lines? not shown here, but in the log\)/);
    assert.match(history, /Jobs +4 done, 0 failed/);
    assert.equal(history.split('\n').filter((line) => line.startsWith('total')).length, 1);
    // What stood there before is there still: nothing was cleared.
    assert.match(screen.lines().join('\n'), /Results/);
    for (const forbidden of ['\u001b]0;', '\u001b[2J\u001b[H', '\u001b[?1049h'])
      assert.ok(!screen.raw().includes(forbidden));
    const logs = join(folder, 'fixture.all', 'logs');
    const text = spawnSync('sh', ['-c', 'for f in *; do case $f in *.gz) zcat $f;; *) cat $f;; esac; done', 'sh'], {
      cwd: logs,
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    }).stdout;
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\u202e]/u);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const printed = new Set(lines.filter(({ type }) => type === 'job-output').map(({ msg }) => msg));
    for (let at = 0; at < Number(environment.LINES); at++) assert.ok(printed.has(`line ${at} of many`), `line ${at}`);
    // What the job before printed without a line's end may stand before it.
    assert.ok([...printed].some((line) => line.endsWith('\u001b[2Jfrom another program')));
  });
});
