import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { build } from 'esbuild';
import { repositoryFolder } from '../../build/folders.ts';
import { findNodeBinary } from '../../build/node-binary.ts';
import { defaultNodeVersion } from '../../build/versions.ts';
import { golden } from '../golden/compute.ts';

/** The golden values, computed by the Node.js binaries of other targets under an emulator. */
const goldenFolder = join(repositoryFolder, 'test', 'golden');
const folder = mkdtempSync(join(tmpdir(), 'job-splitter-golden-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const qemu = '/usr/bin/qemu-aarch64-static';
const arm64Libraries = '/usr/aarch64-linux-gnu';
const wine = '/usr/lib/wine/wine64';
const wineEnvironment = {
  WINEPREFIX: join(folder, 'wine'),
  WINEDEBUG: '-all',
  // Without these it would ask for Mono and Gecko.
  WINEDLLOVERRIDES: 'mscoree,mshtml=',
  PATH: '/usr/bin:/bin',
  HOME: folder,
};

async function bundle(): Promise<string> {
  const outfile = join(folder, 'compute.mjs');
  const contents = `import { golden } from './compute.ts';
const values = Object.entries(golden).map(([name, compute]) => [name, compute()]);
console.log(JSON.stringify({ arch: process.arch, platform: process.platform, values: Object.fromEntries(values) }));`;
  await build({
    stdin: { contents, resolveDir: goldenFolder, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    outfile,
    logLevel: 'silent',
  });
  return outfile;
}

interface Computed {
  readonly arch: string;
  readonly platform: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Runs a program whose output goes to a file: Node under Wine cannot write to a pipe. */
function run(command: string, words: readonly string[], environment: NodeJS.ProcessEnv): string {
  const output = join(folder, 'output.txt');
  const descriptor = openSync(output, 'w');
  const { status } = spawnSync(command, words, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', descriptor, descriptor],
    timeout: 180_000,
  });
  closeSync(descriptor);
  const text = readFileSync(output, 'utf8');
  assert.equal(status, 0, `${command} ended with ${status}: ${text.slice(-2_000)}`);
  return text;
}

function assertGolden(text: string, platform: string, arch: string): void {
  const computed: Computed = JSON.parse(text);
  assert.deepEqual([computed.platform, computed.arch], [platform, arch]);
  assert.deepEqual(Object.keys(computed.values), Object.keys(golden));
  for (const [name, values] of Object.entries(computed.values)) {
    assert.deepEqual(values, JSON.parse(readFileSync(join(goldenFolder, `${name}.json`), 'utf8')), name);
  }
}

function whyNot(...needed: readonly string[]): string | false {
  const missing = needed.filter((path) => !existsSync(path));
  return missing.length > 0 && `${missing.join(', ')} not installed; .ci/run names the packages`;
}

describe('golden values on other targets', () => {
  const skipArm = whyNot(qemu, arm64Libraries);
  it('linux-arm64, under QEMU', { skip: skipArm }, async () => {
    const node = findNodeBinary(defaultNodeVersion, 'linux-arm64');
    assertGolden(run(qemu, ['-L', arm64Libraries, node, await bundle()], { PATH: '' }), 'linux', 'arm64');
  });

  const skipWine = whyNot(wine);
  it('win-x64, under Wine', { skip: skipWine }, async () => {
    const node = findNodeBinary(defaultNodeVersion, 'win-x64');
    const program = await bundle();
    // Node.js refuses the older Windows that a new prefix claims to be.
    run(wine, ['winecfg', '-v', 'win10'], wineEnvironment);
    try {
      assertGolden(run(wine, [node, program], wineEnvironment), 'win32', 'x64');
    } finally {
      spawnSync('/usr/lib/wine/wineserver64', ['-k'], { env: wineEnvironment, stdio: 'ignore' });
    }
  });
});
