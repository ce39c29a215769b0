import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';
import { systemFiles } from '../../src/runtime/files.ts';
import { thisProcess } from '../../src/runtime/process-identity.ts';
import { takeLock } from '../../src/runtime/run-lock.ts';
import { emptyFolder } from '../fixtures/executable.ts';

const filesModule = join(repositoryFolder, 'src', 'runtime', 'files.ts');
const lockModule = join(repositoryFolder, 'src', 'runtime', 'run-lock.ts');

/** A process that tries for each lock at the same moments as the others, and holds on to what it got. */
const racer = `
  import { takeLock } from ${JSON.stringify(lockModule)};
  import { systemFiles } from ${JSON.stringify(filesModule)};
  const nap = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  // Dawdles before every operation: what can cross does cross.
  const slow = Object.fromEntries(
    Object.entries(systemFiles).map(([name, call]) => [name, (...words) => (nap(1 + Math.random() * 9), call(...words))]),
  );
  process.on('message', ({ paths, atMs }) => {
    const fates = paths.map((path, round) => {
      nap(Math.max(1, atMs + round * 700 - Date.now()));
      const lock = takeLock(path, slow);
      return lock.ok ? process.pid + ' won' : lock.holder.pid + ' lost';
    });
    process.send(fates);
  });
  process.on('disconnect', () => process.exit(0));
  process.send('ready');
`;

/** How each of `count` processes fared, by lock. */
async function race(paths: readonly string[], count: number): Promise<readonly (readonly string[])[]> {
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', racer], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  );
  const heard = (): Promise<readonly unknown[]> =>
    Promise.all(
      children.map(
        (child) =>
          new Promise<unknown>((resolve, reject) => {
            child.once('message', resolve);
            child.once('exit', (code) => reject(new Error(`a racer ended with code ${code}`)));
          }),
      ),
    );
  await heard();
  const fates = heard();
  for (const child of children) child.send({ paths, atMs: Date.now() + 500 });
  const lists = await fates;
  const ended = children.map((child) => new Promise((resolve) => child.on('exit', resolve)));
  for (const child of children) child.disconnect();
  await Promise.all(ended);
  return paths.map((_, at) => lists.map((list) => (Array.isArray(list) ? String(list[at]) : 'nothing')));
}

const dead = { ...thisProcess(), pid: 999_999_999, token: 'dead-token' };

function writeLock(content: object): string {
  const path = join(emptyFolder(), 'lock.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const isTaken = (path: string): boolean => {
  const lock = takeLock(path);
  if (lock.ok) lock.release();
  return !lock.ok;
};

describe('the lock of a run folder', () => {
  it('exactly one of 20 processes that race for a dead lock wins, and the others know it', async () => {
    const paths = Array.from({ length: 8 }, () => writeLock(dead));
    for (const fates of await race(paths, 20)) {
      const won = fates.filter((fate) => fate.endsWith(' won'));
      assert.equal(won.length, 1, fates.join());
      const loser = won[0]?.replace('won', 'lost');
      assert.equal(fates.filter((fate) => fate === loser).length, 19, fates.join());
    }
  });

  it('goes over at once from a dead process of this host, also when its id was given away', () => {
    assert.ok(!isTaken(writeLock(dead)));
    const { pid, ...rest } = thisProcess();
    assert.ok(isTaken(writeLock({ pid, ...rest, token: 'x' })));
    if (process.platform !== 'linux') return;
    assert.ok(!isTaken(writeLock({ pid, ...rest, startTicks: '1', token: 'x' })));
  });

  it('of another host or container counts until its heartbeat has stopped', () => {
    for (const other of [{ host: 'elsewhere' }, { pidSpace: 'pid:[1]' }]) {
      const path = writeLock({ ...dead, ...other });
      assert.ok(isTaken(path));
      const longAgo = new Date(Date.now() - 121_000);
      utimesSync(path, longAgo, longAgo);
      assert.ok(!isTaken(path));
    }
  });

  it('says how long one that cannot be asked still counts, and nothing of one that was asked', () => {
    const path = writeLock({ ...dead, host: 'elsewhere' });
    const seen = new Date(Date.now() - 50_000);
    utimesSync(path, seen, seen);
    const lock = takeLock(path);
    assert.ok(!lock.ok);
    const { freeAfterMs = 0, ...who } = lock.holder;
    assert.deepEqual(who, { host: 'elsewhere', pid: dead.pid });
    assert.ok(freeAfterMs > 60_000 && freeAfterMs <= 70_000, `${freeAfterMs}`);
    if (process.platform !== 'linux') return;
    const own = takeLock(writeLock({ ...thisProcess(), token: 'x' }));
    assert.ok(!own.ok);
    assert.deepEqual(own.holder, { host: hostname(), pid: process.pid });
  });

  it('of a machine of the same name: dead if this one has started since', () => {
    const path = writeLock({ ...dead, bootId: 'another' });
    assert.ok(isTaken(path));
    utimesSync(path, new Date(0), new Date(0));
    assert.ok(!isTaken(path));
  });

  it('is released, leaves nothing, and is not taken from another', () => {
    const path = join(emptyFolder(), 'lock.json');
    const lock = takeLock(path);
    assert.ok(lock.ok);
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).host, hostname());
    lock.release();
    assert.deepEqual(readdirSync(join(path, '..')), []);
    const again = takeLock(path);
    assert.ok(again.ok);
    writeFileSync(path, JSON.stringify({ ...dead, host: 'thief' }));
    again.release();
    assert.ok(existsSync(path));
  });

  it('who lost it to another learns so before writing', (context) => {
    const path = join(emptyFolder(), 'lock.json');
    const lock = takeLock(path);
    assert.ok(lock.ok);
    assert.equal(lock.whyLost(), undefined);
    writeFileSync(path, JSON.stringify({ ...dead, host: 'thief' }));
    const laterMs = Date.now() + 6_000;
    context.mock.method(Date, 'now', () => laterMs);
    assert.match(lock.whyLost() ?? '', /process 999999999 on thief has taken over/);
    lock.release();
  });

  it('works where the file system has no links', () => {
    const path = join(emptyFolder(), 'lock.json');
    const files = {
      ...systemFiles,
      link: () => {
        throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
      },
    };
    const lock = takeLock(path, files);
    assert.ok(lock.ok);
    assert.ok(!takeLock(path, files).ok);
    lock.release();
  });
});
