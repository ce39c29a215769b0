import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gatherAssets } from '../../build/assets.ts';
import { bundleEntry } from '../../build/bundle.ts';
import { buildExecutables } from '../../build/executable.ts';
import { modulesFolder } from '../../build/folders.ts';
import { hostTarget } from '../../build/versions.ts';
import { emptyFolder, readRows, start } from '../fixtures/executable.ts';

/** Real packages: native code ready made in the package, native code in packages per system, WebAssembly. */
const packages = [
  'bufferutil',
  'node-gyp-build',
  '@node-rs/crc32',
  `@node-rs/crc32-${process.platform}-${process.arch}-gnu`,
  'source-map',
];

const entryText = `/// <reference path="./untyped.d.ts" />
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from '@node-rs/crc32';
import bufferUtil from 'bufferutil';
import { defineExperiment } from 'job-splitter';
import { computed } from 'late';
import reader from 'own-files';
import { SourceMapConsumer } from 'source-map';
import numbers from './numbers.json';
import table from './table.csv';
import bytes from './add.wasm';

const map = { version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA;AACA', file: 'a.js' };

export default defineExperiment({
  jobs: (_config, { assets }) => readFileSync(join(assets, 'names.txt'), 'utf8').trim().split('\\n'),
  columns: ['name', 'crc', 'masked', 'line', 'data', 'numbers', 'table', 'sum', 'own'],
  async job(name, _random, _config, { assets }) {
    const masked = Buffer.alloc(4);
    bufferUtil.mask(Buffer.from('job!'), Buffer.from([1, 2, 3, 4]), masked, 0, 4);
    const line = await SourceMapConsumer.with(map, null, (it) => it.originalPositionFor({ line: 2, column: 0 }).line);
    const data = createHash('sha256').update(readFileSync(join(assets, 'data', 'large.bin'))).digest('hex');
    const { instance } = await WebAssembly.instantiate(bytes);
    const add = instance.exports.add as (one: number, other: number) => number;
    if (name === 'computed') computed('late');
    return [name, crc32(name), masked.toString('hex'), line, data, numbers.length, table.length, add(2, 3), reader()];
  },
});
`;

/** \`(func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)\` */
const addModule = '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b';

function writePackage(folder: string, name: string, files: Readonly<Record<string, string>>): void {
  const place = join(folder, 'node_modules', name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(place, file), text);
}

describe('what an executable carries', () => {
  const folder = mkdtempSync(join(tmpdir(), 'job-splitter-carried-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const entry = join(folder, 'loaded.ts');
  const large = Buffer.alloc(20_000_000, 'job-splitter ');
  const request = {
    entry,
    targets: [hostTarget()],
    assets: `${join(folder, 'data')} ${join(folder, 'names.txt')}`,
    external: ['own-files'],
    folder: join(folder, 'dist'),
  };
  let program = '';
  before(async () => {
    for (const name of packages)
      cpSync(join(modulesFolder, name), join(folder, 'node_modules', name), { recursive: true });
    writePackage(folder, 'own-files', {
      'index.js': `const fs = require('fs'); module.exports = () => fs.readFileSync(__dirname + '/own.data', 'utf8');`,
      'index.d.ts': 'declare function read(): string; export default read;',
      'own.data': 'of its own',
    });
    writePackage(folder, 'late', {
      'index.js': `exports.computed = (name) => require(name);`,
      'index.d.ts': 'export function computed(name: string): unknown;',
    });
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'large.bin'), large);
    writeFileSync(join(folder, 'names.txt'), 'one\ntwo\ncomputed\n');
    writeFileSync(join(folder, 'numbers.json'), '[1, 2, 3]');
    writeFileSync(join(folder, 'table.csv'), 'a,b\n');
    writeFileSync(join(folder, 'add.wasm'), Buffer.from(addModule, 'hex'));
    writeFileSync(join(folder, 'untyped.d.ts'), 'declare module "bufferutil";');
    writeFileSync(entry, entryText);
    const [made] = await buildExecutables(request);
    program = made?.path ?? '';
  });

  it('native code, WebAssembly, imported files and 20 MB of data serve jobs, where nothing is installed', async () => {
    const [place, cache] = [emptyFolder(), emptyFolder()];
    const words = ['--machine', 'N/A', '--yes', '--cores', '2', '-o', 'run.retries=0'];
    const run = await start(program, words, place, { XDG_CACHE_HOME: cache }).ended;
    assert.equal(run.code, 3, run.stderr);
    assert.doesNotMatch(run.stderr, /warning/);
    const rows = readRows(join(place, 'loaded.all', 'results.csv')).map((row) => row.split(',').slice(4).join());
    const sha256 = createHash('sha256').update(large).digest('hex');
    const rest = `6b6d6125,2,${sha256},3,4,5,of its own`;
    assert.deepEqual(rows.sort(), [`one,2053932785,${rest}`, `two,298486374,${rest}`]);
    // What no bundler can follow is named, with what to do: also where it lies around the executable, as here.
    const [failure = ''] = readRows(join(place, 'loaded.all', 'failed.csv'));
    assert.match(failure, /Cannot find module 'late'.*EXTERNAL=/s);
    const [unpacked = '', ...more] = readdirSync(join(cache, 'job-splitter', 'unpacked'));
    assert.deepEqual(more, []);
    assert.ok(existsSync(join(cache, 'job-splitter', 'unpacked', unpacked, 'assets', 'data', 'large.bin')));
  });

  it('run-job finds it, too', async () => {
    const place = emptyFolder();
    const again = await start(program, ['run-job', '0'], place, { XDG_CACHE_HOME: emptyFolder() }).ended;
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /one,2053932785,/);
  });

  it('belongs to the code: other data or another package, another fingerprint', async () => {
    const code = async (): Promise<string> =>
      (await bundleEntry(entry, { assets: gatherAssets(request.assets), external: request.external })).code;
    const before = await code();
    assert.equal(await code(), before);
    writeFileSync(join(folder, 'names.txt'), 'one\ntwo\nthree\n');
    const otherData = await code();
    writeFileSync(join(folder, 'node_modules', 'own-files', 'own.data'), 'changed');
    assert.equal(new Set([before, otherData, await code()]).size, 3);
  });

  it('a package without native code for a target is named, with what to do', async () => {
    await assert.rejects(
      buildExecutables({ ...request, targets: ['win-arm64'] }),
      /TARGETS=win-arm64: the package \S+ has no native code for it.*\n.*npm install .*--os=win32 --cpu=arm64/,
    );
  });

  it('names what is wrong with ASSETS and EXTERNAL', async () => {
    const build = (change: object): Promise<unknown> => buildExecutables({ ...request, ...change });
    await assert.rejects(build({ assets: '/nowhere' }), /ASSETS: there is no \/nowhere/);
    mkdirSync(join(folder, 'other', 'data'), { recursive: true });
    await assert.rejects(
      build({ assets: `${join(folder, 'data')} ${join(folder, 'other', 'data')}` }),
      /the same name/,
    );
    await assert.rejects(build({ external: ['left-pad'] }), /EXTERNAL: .* imports no package left-pad/);
    const warnings: string[] = [];
    writeFileSync(join(folder, 'data', 'larger.bin'), Buffer.alloc(31_000_000));
    await build({ targets: [], assets: join(folder, 'data') });
    const progress = { step: () => undefined, warn: (text: string) => void warnings.push(text) };
    await buildExecutables({ ...request, targets: [], assets: join(folder, 'data') }, progress);
    assert.match(warnings.join(), /51 MB.*beside the executable/);
  });

  it('a link that leads into itself is refused', () => {
    spawnSync('ln', ['-s', '..', join(folder, 'other', 'data', 'up')]);
    assert.throws(() => gatherAssets(join(folder, 'other')), /a link into a folder that it lies in/);
  });
});
