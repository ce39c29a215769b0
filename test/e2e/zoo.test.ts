import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parseCsv } from '../../src/core/from-csv.ts';
import { emptyFolder, fixtureExecutable, readRows, readSummary, start } from '../fixtures/executable.ts';
import { processesWith } from '../fixtures/processes.ts';

/** Each animal's cause and message; those without are well. */
const expected: Readonly<Record<string, readonly [cause: string, message: RegExp] | undefined>> = {
  throws: ['error', /^TypeError: plainly$/],
  'throws null': ['error', /^threw null$/],
  'throws text': ['error', /^threw 'only a text'$/],
  'throws traps': ['error', /cannot be shown/],
  'throws a proxy': ['error', /^threw /],
  'throws with a cause': ['error', /^Error: outside$/],
  'rejects late': ['error', /^Error: late$/],
  'throws in a timer': ['error', /outside of the job's promise: Error: in a timer/],
  'forgets a promise': ['error', /outside of the job's promise: Error: forgotten/],
  'exits with 0': ['crash', /exit code 0 \(process\.exit was called\)/],
  'exits with 7': ['crash', /exit code 7/],
  aborts: ['crash', /SIGABRT/],
  'kills itself': ['crash', /SIGSEGV/],
  'is killed': ['crash', /SIGKILL: killed by someone else/],
  // Where the code was broken decides how it dies: in V8's own checks it aborts.
  'breaks its own code': ['crash', /SIG(SEGV|ILL|BUS|TRAP|ABRT)/],
  'fills the heap': ['memory', /out of memory: .*memory_limit is 200 MiB/],
  'fills buffers': ['memory', /out of memory: \d+ MiB in use, memory_limit is 200 MiB/],
  'loops for ever': ['timeout', /time limit of 10 s/],
  'never resolves': ['timeout', /time limit of 10 s/],
  'cuts the connection': ['crash', /cut the connection/],
  'cuts the connection and loops': ['timeout', /time limit of 10 s/],
  'leaves children and dies': ['crash', /exit code 3/],
  'a function': ['unstorable', /^result\[0\] is a function/],
  'a symbol': ['unstorable', /^result\[0\] is a symbol/],
  'a bigint': ['unstorable', /^result\[0\]\.deep\[0\] is a bigint/],
  'a cycle': ['unstorable', /^result\[0\]\.list is a cycle/],
  'a date': ['unstorable', /^result\[0\] is a Date/],
  'a map': ['unstorable', /^result\[0\] is a Map/],
  'an instance': ['unstorable', /^result\[0\] is a Point/],
  'nested undefined': ['unstorable', /^result\[0\]\.energy is undefined/],
  'a long text': ['unstorable', /more than 16777216 characters/],
  'too many columns': ['unstorable', /has 3 values, columns names 1 \(kind\)/],
  'a getter that throws': ['unstorable', /^result\.kind is a getter that throws/],
  'a link': ['unstorable', /"link" is neither a file nor a folder/],
};
const wellAnimals = ['closes 3', 'takes all ears', 'overrides everything', 'clings at the exit', 'leaves children'];
const quick = ['run.timeout=10s', 'run.retries=0', 'run.crash_limit=1', 'run.halt=never', 'run.memory_limit=200M'];

describe('a hundred good jobs among all kinds of bad ones, on the built executable', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  it('the good ones finish, each bad one is named with its cause, nobody is left', { timeout: 120_000 }, async () => {
    const folder = emptyFolder();
    const marker = `zoo-${process.pid}-${Date.now()}`;
    const flags = ['--machine', 'N/A', '--yes', '--cores', '3', ...quick.flatMap((set) => ['-o', set])];
    const { code, stderr } = await start(program, flags, folder, { FIXTURE: 'zoo', MARKER: marker }).ended;
    assert.equal(code, 3, stderr);
    assert.deepEqual(processesWith(marker), []);
    const run = join(folder, 'fixture.all');
    const failed = parseCsv(readFileSync(join(run, 'failed.csv'), 'utf8'))
      .slice(1)
      .map(({ cells }) => cells);
    const found = new Map(failed.map(([, args, , , cause, message]) => [JSON.parse(args ?? '')[0], [cause, message]]));
    for (const [kind, [cause, message]] of Object.entries(expected) as [string, [string, RegExp]][]) {
      assert.equal(found.get(kind)?.[0], cause, `${kind}: ${found.get(kind)}`);
      assert.match(found.get(kind)?.[1] ?? '', message, kind);
    }
    assert.equal(failed.length, Object.keys(expected).length, stderr);
    const done = new Set(readRows(join(run, 'results.csv')).map((row) => row.split(',').at(-1)));
    assert.deepEqual(
      wellAnimals.filter((kind) => !done.has(kind) && !done.has('fine')),
      [],
    );
    for (let at = 0; at < 100; at++) assert.ok(done.has(`good ${at}`), `good ${at}`);
    assert.equal(readSummary(run).jobs.done, 100 + wellAnimals.length);
    // The stack in the user's lines, also of what was thrown in a timer; the cause below it.
    for (const kind of ['throws', 'rejects late', 'throws in a timer', 'throws with a cause']) {
      const [stack = '', log] = failed.find(([, args]) => args?.includes(`"${kind}"`))?.slice(6) ?? [];
      assert.match(stack, /test\/fixtures\/experiments\/zoo\.ts:\d+/, kind);
      assert.match(log ?? '', /^logs\/run\.log: job \d+ attempt 1 /, kind);
      if (kind === 'throws with a cause') assert.match(stack, /caused by: RangeError: inside/);
    }
    // The start of what could not be stored is in the log.
    const log = readFileSync(join(run, 'logs', 'run.log'), 'utf8');
    assert.match(log, /"returned":"\[ Map\(0\) \{\} \]"/);
    assert.match(log, /"returned":"\[ 'xxxxx/);
  });

  const meddlings = ['push', 'is', 'isFinite', 'floor', 'String', 'Array', 'clock', 'context'];
  for (const meddling of meddlings) {
    it(`a job that replaces ${meddling} harms no other, and nothing is lost unseen`, { timeout: 60_000 }, async () => {
      for (const fails of ['', 'yes']) {
        const folder = emptyFolder();
        const words = ['--machine', 'N/A', '--yes', '--cores', '1', ...quick.flatMap((set) => ['-o', set])];
        const environment = { FIXTURE: 'meddling', MEDDLE: meddling, FAILS: fails };
        const { code, stderr } = await start(program, words, folder, environment).ended;
        assert.equal(code, fails === '' ? 0 : 3, stderr);
        const rows = readRows(join(folder, 'fixture.all', 'results.csv')).map((row) => row.split(',').slice(-3));
        const jobs = Array.from({ length: 80 }, (_, job) => job).filter((job) => job !== 20 || fails === '');
        const inOrder = rows.toSorted(([a], [b]) => Number(a) - Number(b));
        assert.deepEqual(
          inOrder,
          jobs.map((job) => [String(job), String(job / 4), 'untouched']),
        );
        const merged = await start(program, ['merge', 'fixture.all'], folder, environment).ended;
        assert.equal(merged.code, code, merged.stderr);
        assert.match(merged.stderr, new RegExp(`${jobs.length} rows of ${jobs.length} jobs`));
        if (fails === '') continue;
        const failed = readFileSync(join(folder, 'fixture.all', 'failed.csv'), 'utf8');
        assert.match(failed, /^20,.*in words of its own/m);
      }
    });
  }

  it('what jobs print is logged as theirs, however short they are', { timeout: 60_000 }, async () => {
    const folder = emptyFolder();
    const words = ['--machine', 'N/A', '--yes', '--cores', '2'];
    const { code, stderr } = await start(program, words, folder, { FIXTURE: 'talkative' }).ended;
    assert.equal(code, 0, stderr);
    const log = readFileSync(join(folder, 'fixture.all', 'logs', 'run.log'), 'utf8');
    const printed = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'job-output');
    const kinds = ['out', 'err', 'open'].flatMap((kind) => Array.from({ length: 400 }, (_, n) => `${kind} ${n}`));
    const children = Array.from({ length: 8 }, (_, at) => `child ${50 * at}`);
    assert.deepEqual(printed.map(({ msg }) => msg).sort(), [...kinds, ...children].sort());
    const foreign = printed.filter(({ job, msg }) => msg.split(' ')[1] !== String(job));
    assert.deepEqual(foreign, []);
  });

  it('a million printed lines are all in the log, in their order', { timeout: 120_000 }, async () => {
    const folder = emptyFolder();
    const words = ['--machine', 'N/A', '--yes', '--cores', '2', '-o', 'logging.auto_zip=yes'];
    const { code, stderr } = await start(program, words, folder, { FIXTURE: 'printer' }).ended;
    assert.equal(code, 0, stderr);
    const logs = join(folder, 'fixture.all', 'logs');
    const names = readdirSync(logs).sort((a, b) => numberOf(b) - numberOf(a));
    let next = 1;
    for (const name of names) {
      const bytes = readFileSync(join(logs, name));
      const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
      for (const [, line] of text.matchAll(/"msg":"line (\d+)"/g)) assert.equal(Number(line), next++);
    }
    assert.equal(next, 1_000_001);
    assert.equal(readSummary(join(folder, 'fixture.all')).jobs.done, 101);
  });
});

/** `run.log.2.gz` is older than `run.log.1.gz`, that older than `run.log`. */
function numberOf(name: string): number {
  return Number(/\.(\d+)\.gz$/.exec(name)?.[1] ?? 0);
}
