import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { bundleEntry } from '../../build/bundle.ts';
import { distFolder, repositoryFolder } from '../../build/folders.ts';
import { hostTarget } from '../../build/versions.ts';
import { emptyFolder, readRows, readSummary, start } from '../fixtures/executable.ts';

interface Made {
  readonly status: number | null;
  readonly output: string;
}

function makeIn(folder: string, target: string, ...words: readonly string[]): Made {
  const script = join(repositoryFolder, 'scripts', 'make.mjs');
  const { status, stdout, stderr } = spawnSync('node', [script, target, ...words], { cwd: folder, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const make = (target: string, ...words: readonly string[]): Made => makeIn(process.cwd(), target, ...words);

/** An entry far from the repository, with a CommonJS dependency of its own. */
function writeEntry(text: string): string {
  const folder = emptyFolder();
  const modules = join(folder, 'node_modules', 'doubler');
  mkdirSync(modules, { recursive: true });
  writeFileSync(join(modules, 'package.json'), '{ "name": "doubler", "main": "index.js", "types": "index.d.ts" }');
  writeFileSync(
    join(modules, 'index.js'),
    `const EventEmitter = require('events');
     module.exports = { double: (n) => 2 * n, join: require("node:path").join, emitter: new (class extends EventEmitter {})() };`,
  );
  writeFileSync(
    join(modules, 'index.d.ts'),
    'export function double(n: number): number; export function join(...p: string[]): string;',
  );
  const entry = join(folder, 'elsewhere.ts');
  writeFileSync(entry, text);
  return entry;
}

const good = `import { double } from 'doubler';
import { defineExperiment, range } from 'job-splitter';
const offset = await Promise.resolve(1);
export default defineExperiment({
  jobs: range(20),
  columns: ['n', 'twice'],
  job: (n) => [n, double(n) + offset],
  reduce: (sum, [, twice]) => sum + twice,
  reduceStart: 0,
});`;

const worldly = `import { spawnSync } from 'child_process';
import fs, { existsSync } from 'fs';
import * as path from 'node:path';
import { join } from 'doubler';
import { defineExperiment, range } from 'job-splitter';
export default defineExperiment({
  jobs: range(1),
  columns: ['path', 'bundled', 'crypto', 'self', 'home', 'beside', 'sync', 'node'],
  async job() {
    const { createHash } = await import('node:crypto');
    const { default: beside } = await import(path.resolve('beside.mjs'));
    const digest = createHash('sha256').digest('hex');
    const self = path.basename(new URL(import.meta.url).pathname);
    const home = fs.readFileSync(path.join(import.meta.dirname, 'data.txt'), 'utf8');
    const node = spawnSync('node', ['--version'], { encoding: 'utf8' }).stdout;
    if (existsSync !== fs.existsSync) throw new Error('two of them');
    return [path.posix.join('a', 'b'), join('c', 'd'), typeof digest, self, home, beside, typeof path.join, node];
  },
});`;

describe('make exe', () => {
  it('builds an entry outside the repository, with its own dependency and top-level await', async () => {
    const { status, output } = make('exe', `ENTRY=${writeEntry(good)}`);
    assert.equal(status, 0, output);
    const folder = emptyFolder();
    const run = await start(join(distFolder, `elsewhere-${hostTarget()}`), ['--machine', 'N/A', '--yes'], folder).ended;
    assert.equal(run.code, 0, run.stderr);
    assert.equal(readSummary(join(folder, 'elsewhere.all')).reduced, 400);
  });

  it('knows Node by every way to import it, and where it is itself', async () => {
    const { status, output } = make('exe', `ENTRY=${writeEntry(worldly)}`);
    assert.equal(status, 0, output);
    const folder = emptyFolder();
    writeFileSync(join(folder, 'beside.mjs'), 'export default 5;');
    // Data lies beside the executable, wherever it is started; `node` is the machine's, not the executable itself.
    const program = join(folder, 'bin', 'elsewhere');
    mkdirSync(dirname(program));
    copyFileSync(join(distFolder, `elsewhere-${hostTarget()}`), program);
    writeFileSync(join(folder, 'bin', 'data.txt'), 'data');
    writeFileSync(join(folder, 'bin', 'node'), '#!/bin/sh\necho -n the machine\n', { mode: 0o755 });
    const words = ['--machine', 'N/A', '--yes'];
    const run = await start(program, words, folder, { PATH: join(folder, 'bin') }).ended;
    assert.equal(run.code, 0, run.stderr);
    const [row = ''] = readRows(join(folder, 'elsewhere.all', 'results.csv'));
    assert.equal(row.split(',').slice(4).join(), 'a/b,c/d,string,worker.js,data,5,function,the machine');
    assert.doesNotMatch(readFileSync(join(folder, 'elsewhere.all', 'logs', 'run.log'), 'utf8'), /Experimental/);
  });

  it('run: data that will lie beside the executable lies beside the entry', () => {
    const entry = writeEntry(worldly);
    writeFileSync(join(dirname(entry), 'data.txt'), 'data');
    const folder = emptyFolder();
    writeFileSync(join(folder, 'beside.mjs'), 'export default 5;');
    const { status, output } = makeIn(folder, 'run', `ENTRY=${entry}`, 'ARGS=--machine N/A --yes');
    assert.equal(status, 0, output);
    const [row = ''] = readRows(join(folder, 'elsewhere.all', 'results.csv'));
    assert.match(row, /a\/b,c\/d,string,worker\.js,data,5,function,/);
  });

  it('shows a type error with its line, exit 2', () => {
    const { status, output } = make('exe', `ENTRY=${writeEntry(good.replace('double(n)', "double('n')"))}`);
    assert.equal(status, 2);
    assert.match(output, /elsewhere\.ts\(7,\d+\): error TS2345/);
  });

  it('refuses what it cannot do, by name', () => {
    const entry = `ENTRY=${writeEntry(good)}`;
    for (const [words, what] of [
      [[], /ENTRY=my_experiment\.ts/],
      [['ENTRY=/nowhere.ts'], /ENTRY=\/nowhere\.ts: there is no such file/],
      [
        [`ENTRY=${join(repositoryFolder, 'examples')}`],
        /^ENTRY=\/\S*examples is a folder; name the file in it: ENTRY=\/\S*examples\/ising\.ts, ENTRY=\/\S*\/pi\.ts, /m,
      ],
      [[`ENTRY=${emptyFolder()}`], /^ENTRY=\S+ is a folder; it holds no \.ts file/m],
      [[entry, 'TARGETS=linux-mips'], /linux-mips is unknown; known: linux-x64/],
      [[entry, 'NODE=21.0.0'], /NODE=21\.0\.0 has no lock in build\/node; known: .*22\.23\.2/],
      [[entry, 'NODE=26.10.0', 'TARGETS=win-arm64'], /26\.10\.0 does not exist for win-arm64/],
    ] as const) {
      const { status, output } = make('exe', ...words);
      assert.equal(status, 2, output);
      assert.match(output, what);
    }
  });

  it('the fingerprint is that of the code, not of the folder', async () => {
    const [one, same, other] = [
      await bundleEntry(writeEntry(good)),
      await bundleEntry(writeEntry(good)),
      await bundleEntry(writeEntry(good.replace('20', '21'))),
    ];
    assert.equal(one.code, same.code);
    assert.notEqual(one.code, other.code);
  });

  it('an entry without an experiment gets a sentence', async () => {
    const entry = writeEntry('export const x = 1;');
    const { status, output } = make('run', `ENTRY=${entry}`, 'ARGS=--yes');
    assert.equal(status, 2);
    assert.match(output, /export default defineExperiment/);
  });

  it('an entry that throws while it is loaded, or names what there is not, is told as its author knows it: exit 2', () => {
    const throwing = writeEntry(good.replace('export default', "JSON.parse('no JSON');\nexport default"));
    const thrown = make('run', `ENTRY=${throwing}`, 'ARGS=--machine N/A --yes');
    assert.equal(thrown.status, 2, thrown.output);
    assert.match(
      thrown.output,
      /^the experiment's file \(elsewhere\) threw while it was loaded: SyntaxError: .*no JSON.*\n +at JSON\.parse .*\n +at .*elsewhere\.ts:\d+:\d+\)\n {2}what stands/m,
    );
    const wrong = make('run', `ENTRY=${writeEntry(good.replace('columns', 'colums'))}`, 'ARGS=--machine N/A --yes');
    assert.equal(wrong.status, 2, wrong.output);
    assert.match(wrong.output, /^elsewhere: an experiment has no field "colums"\n {2}is columns meant\?/m);
  });

  it('an entry that waits for what never happens, or ends the program itself, is told: exit 2', () => {
    for (const [line, said] of [
      [
        'await new Promise(() => undefined);',
        /^the experiment's file \(elsewhere\) threw while .*: Error: it waits for something that never happens/m,
      ],
      [
        'process.exit(3);',
        /^the experiment's code ended the program, by process\.exit\(3\)\n( +at .*elsewhere\.ts.*\n)+ {2}throw/m,
      ],
    ] as const) {
      const entry = writeEntry(good.replace('export default', `${line}\nexport default`));
      const { status, output } = makeIn(emptyFolder(), 'run', `ENTRY=${entry}`, 'ARGS=--machine N/A --yes');
      assert.equal(status, 2, output);
      assert.match(output, said);
    }
  });
});

describe('examples', () => {
  function runExample(name: string): { readonly reduced: unknown; readonly output: string } {
    const folder = emptyFolder();
    const entry = join(repositoryFolder, 'examples', `${name}.ts`);
    const { status, output } = makeIn(folder, 'run', `ENTRY=${entry}`, 'ARGS=--machine N/A --yes');
    assert.equal(status, 0, output);
    return { reduced: readSummary(join(folder, `${name}.all`)).reduced, output };
  }

  it('queens: 14200 ways on a 12 × 12 board (OEIS A000170)', () => assert.equal(runExample('queens').reduced, 14_200));

  it('ising: the magnetisation at temperature 2 is the exact one within 0.005', () => {
    const [sum, count] = runExample('ising').reduced as readonly [number, number];
    assert.ok(Math.abs(sum / count - (1 - Math.sinh(1) ** -4) ** (1 / 8)) < 0.005, String(sum / count));
  });

  it('pi: the 99 % interval holds π', () => {
    const { output } = runExample('pi');
    const [, mean, half] = /pi = ([\d.]+) ± ([\d.]+)/.exec(output) ?? [];
    assert.ok(Math.abs(Number(mean) - Math.PI) < Number(half), output);
    assert.ok(Number(half) < 0.01);
  });

  it('the README shows an example as it stands', () => {
    const readme = readFileSync(join(repositoryFolder, 'README.md'), 'utf8');
    assert.ok(readme.includes(readFileSync(join(repositoryFolder, 'examples', 'pi.ts'), 'utf8').trim()));
    assert.ok(existsSync(join(repositoryFolder, 'examples', 'ising.ts')));
  });
});
