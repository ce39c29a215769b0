import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { BuildInfo } from '../../src/build-info.ts';
import { parseMachines } from '../../src/config/machines.ts';
import type { Prepared } from '../../src/run/prepare.ts';
import { choosePlaces } from '../../src/run/remote/choose-places.ts';
import { findExecutable } from '../../src/run/remote/find-executable.ts';
import { emptyFolder } from '../fixtures/executable.ts';

describe('which machines are reached', () => {
  const text = `{ "a": { "weight": 1, "cores": 1, "host": "me@a" }, "b": [1, 1], "c": { "weight": 1, "cores": 1, "host": "c" } }`;
  const machines = parseMachines(text, 'machines.json');
  assert.ok(machines.ok);
  const lostC = { chain: { generations: [{ lost: ['c'] }] } } as unknown as Prepared['rescue'];
  const choose = (named: readonly string[], rescue: Prepared['rescue'] = undefined): unknown => {
    const chosen = choosePlaces({ machines: machines.value, rescue }, named);
    if (!chosen.ok) return chosen.diagnostics[0]?.message;
    const { places, withoutHost, lost } = chosen.value;
    return [places.map(({ name }) => name), withoutHost, lost.map(({ name }) => name)];
  };

  it('those that have a host', () => assert.deepEqual(choose([]), [['a', 'c'], ['b'], []]));
  it('not those that a rescue has given up', () => assert.deepEqual(choose([], lostC), [['a'], ['b'], ['c']]));
  it('who is named is meant', () => assert.deepEqual(choose(['c'], lostC), [['c'], [], []]));
  it('a name that is none', () => assert.equal(choose(['x']), 'machines.json names no machine "x"'));
  it('one without a host', () => assert.equal(choose(['b']), '"b": no host in machines.json'));
});

describe('which executable a machine gets', () => {
  const folder = emptyFolder();
  after(() => rmSync(folder, { recursive: true, force: true }));
  const build = { name: 'sim', target: 'linux-x64' } as BuildInfo;
  mkdirSync(folder, { recursive: true });
  for (const name of ['sim-linux-x64', 'sim-win-x64.exe']) writeFileSync(join(folder, name), '');

  for (const [target, name] of [
    ['linux-x64', 'sim-linux-x64'],
    ['win-x64', 'sim-win-x64.exe'],
  ] as const)
    it(target, () => assert.deepEqual(findExecutable(target, build, folder), { ok: true, value: join(folder, name) }));

  it('one that is missing is named, with how to build it', () => {
    const found = findExecutable('macos-arm64', build, folder);
    assert.ok(!found.ok);
    assert.match(found.diagnostics[0]?.message ?? '', /no sim-macos-arm64 in /);
    assert.match(found.diagnostics[0]?.hint ?? '', /TARGETS="macos-arm64"/);
  });

  it('Node.js itself is none', () => assert.equal(findExecutable('linux-x64', build, undefined).ok, false));
});
