import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findSignatureProblem } from '../../build/ad-hoc-signature.ts';
import { targetsOfBinary } from '../../build/binary-format.ts';
import { buildExecutables, type Executable } from '../../build/executable.ts';
import { repositoryFolder } from '../../build/folders.ts';
import { hashFile } from '../../build/hash-file.ts';
import { findNodeBinary } from '../../build/node-binary.ts';
import { writeSums } from '../../build/sums.ts';
import { defaultNodeVersion, hostTarget } from '../../build/versions.ts';

const qemu = '/usr/bin/qemu-aarch64-static';
const arm64Libraries = '/usr/aarch64-linux-gnu';
const missing = [qemu, arm64Libraries].filter((path) => !existsSync(path));

/** What is quick; `make test-targets` runs whole experiments. */
describe('executables for other systems, built here', () => {
  const folder = mkdtempSync(join(tmpdir(), 'job-splitter-targets-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const targets = ['linux-arm64', 'macos-arm64', 'win-x64'];
  const entry = join(repositoryFolder, 'examples', 'pi.ts');
  let made: readonly Executable[] = [];
  before(async () => {
    made = await buildExecutables({ entry, targets, folder });
  });
  const find = (target: string): string => made.find((it) => it.target === target)?.path ?? '';

  it('one command, one fingerprint, the format of each system', () => {
    assert.deepEqual(
      made.map(({ target, path }) => [target, targetsOfBinary(path)]),
      targets.map((target) => [target, [target]]),
    );
    assert.equal(new Set(made.map(({ code }) => code)).size, 1);
    assert.ok(find('win-x64').endsWith('.exe'));
  });

  it('the one for macOS is signed, and a single changed byte is found', () => {
    const signed = readFileSync(find('macos-arm64'));
    assert.equal(findSignatureProblem(signed), undefined);
    const at = Math.floor(signed.length / 2);
    signed[at] = (signed[at] ?? 0) ^ 1;
    assert.match(findSignatureProblem(signed) ?? '', /page \d+ has been changed/);
  });

  it('the one for linux-arm64 says what it is', { skip: missing.length > 0 && `needs ${missing.join(', ')}` }, () => {
    const words = ['-L', arm64Libraries, find('linux-arm64'), '--version'];
    const { stdout, stderr } = spawnSync(qemu, words, { encoding: 'utf8', env: {} });
    const code = made[0]?.code ?? '';
    assert.equal(stdout, `pi: job-splitter 0.1.0, linux-arm64, Node.js ${defaultNodeVersion}, code ${code}\n`, stderr);
  });

  it('SHA256SUMS holds them all, also from an earlier call; what is gone is gone', () => {
    const [one, ...others] = made.map(({ path }) => path);
    assert.ok(one !== undefined);
    writeSums([one]);
    writeSums(others);
    const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8');
    assert.equal(sums, made.map(({ path }) => `${hashFile(path)}  ${basename(path)}\n`).join(''));
    assert.equal(spawnSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: folder }).status, 0);
    rmSync(one);
    writeSums(others);
    assert.doesNotMatch(readFileSync(join(folder, 'SHA256SUMS'), 'utf8'), /linux-arm64/);
  });

  it('equal sources: not built again; a damaged or other file is; the bytes are the same', async () => {
    const path = find('win-x64');
    const [sum, madeMs] = [hashFile(path), statSync(path).mtimeMs];
    const build = async (target: string, place = folder): Promise<Executable | undefined> =>
      (await buildExecutables({ entry, targets: [target], folder: place }))[0];
    assert.equal((await build('win-x64'))?.isUnchanged, true);
    assert.equal(statSync(path).mtimeMs, madeMs);
    writeFileSync(path, 'x');
    assert.equal((await build('win-x64'))?.isUnchanged, false);
    assert.equal(hashFile(path), sum);
    // The system that builds carries along what its V8 compiled.
    const [once, again] = [await build(hostTarget(), join(folder, 'a')), await build(hostTarget(), join(folder, 'b'))];
    assert.equal(hashFile(once?.path ?? ''), hashFile(again?.path ?? ''));
  });

  it("one's own Node.js: packed where it fits, refused by name where not", async () => {
    const build = (nodeBinary: string, target = hostTarget()): Promise<readonly Executable[]> =>
      buildExecutables({ entry, targets: [target], nodeBinary, folder: join(folder, 'own') });
    const [own] = await build(process.execPath);
    const { stdout } = spawnSync(own?.path ?? '', ['--version'], { encoding: 'utf8' });
    assert.match(stdout, new RegExp(`Node\\.js ${process.versions.node}`));
    await assert.rejects(build('/nowhere/node'), /NODE_BINARY=\/nowhere\/node: there is no such file/);
    await assert.rejects(build(entry), /no executable file/);
    await assert.rejects(build(process.execPath, 'win-x64'), /it is for linux-\w+, not for win-x64/);
    await assert.rejects(build('/bin/sh'), /no Node\.js that code can be put into/);
    const both = buildExecutables({ entry, targets, nodeBinary: process.execPath, folder });
    await assert.rejects(both, /NODE_BINARY is for one target/);
  });

  it('a Node.js that was changed in the cache is fetched again, never packed', () => {
    const path = findNodeBinary(defaultNodeVersion, 'linux-arm64');
    const sum = hashFile(path);
    writeFileSync(path, 'evil');
    assert.equal(hashFile(findNodeBinary(defaultNodeVersion, 'linux-arm64')), sum);
  });
});
