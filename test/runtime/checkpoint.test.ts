import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Files, systemFiles } from '../../src/runtime/files.ts';
import { openCheckpoint } from '../../src/runtime/worker/checkpoint.ts';
import { JobFiles } from '../../src/runtime/worker/job-files.ts';
import { emptyFolder } from '../fixtures/executable.ts';

/** Renames as Windows does while a virus scanner looks at the file: refused so many times. */
function heldFor(tries: number, code: string): Pick<Files, 'rename' | 'pause'> & { left: number } {
  return {
    left: tries,
    pause: () => undefined,
    rename(from, to) {
      if (this.left-- > 0) throw Object.assign(new Error(`${code}: held`), { code });
      systemFiles.rename(from, to);
    },
  };
}

describe('what a virus scanner holds for a moment', () => {
  for (const code of ['EBUSY', 'EPERM', 'EACCES']) {
    it(`a checkpoint and the files of a job get to their place, or the job is told: ${code}`, () => {
      const run = emptyFolder();
      const path = join(run, 'x.json');
      openCheckpoint(path, assert.fail, { files: heldFor(7, code) }).save('kept');
      const endless = openCheckpoint(path, assert.fail, { files: heldFor(1_000, code) });
      assert.throws(() => endless.save('lost'), { code });
      assert.equal(endless.load(), 'kept');
      assert.deepEqual(readdirSync(run), ['x.json']);
      const files = new JobFiles(run, 7, 1, heldFor(7, code));
      writeFileSync(files.path('a.txt'), 'x');
      assert.ok(files.settle(true).ok);
      assert.deepEqual(readdirSync(join(run, 'files')), ['7']);
      const never = new JobFiles(run, 8, 1, heldFor(1_000, code));
      writeFileSync(never.path('a.txt'), 'x');
      assert.throws(() => never.settle(true), { code });
    });
  }
});

describe('a checkpoint', () => {
  const open = (bytesMax?: number) => {
    const path = join(emptyFolder(), 'checkpoints', 'x.json');
    const warnings: string[] = [];
    return {
      path,
      warnings,
      checkpoint: openCheckpoint(path, (message) => warnings.push(message), bytesMax === undefined ? {} : { bytesMax }),
    };
  };

  it('gives back what was saved last, and leaves no draft', () => {
    const { path, checkpoint } = open();
    assert.equal(checkpoint.load(), undefined);
    fc.assert(
      fc.property(fc.jsonValue(), (state) => {
        checkpoint.save([state, Number.NaN, -0]);
        assert.deepStrictEqual(checkpoint.load(), [state, Number.NaN, -0]);
      }),
      { numRuns: 30 },
    );
    assert.deepEqual(readdirSync(dirname(path)), ['x.json']);
  });

  it('refuses what is too large or cannot be stored, and keeps the last one', () => {
    const { checkpoint } = open(1_000);
    checkpoint.save('good');
    assert.throws(() => checkpoint.save('x'.repeat(1_001)), /larger than 1000 bytes/);
    assert.throws(() => checkpoint.save('ä'.repeat(501)), /larger than 1000 bytes/);
    assert.throws(() => checkpoint.save({ f: () => 1 }), /state\.f is a function/);
    assert.equal(checkpoint.load(), 'good');
  });

  it('that is damaged anywhere counts as none, with a warning', () => {
    const { path, checkpoint, warnings } = open();
    checkpoint.save({ step: 12, sum: 0.1 });
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(path, damaged);
      assert.equal(checkpoint.load(), undefined);
      writeFileSync(path, whole.subarray(0, at));
      assert.equal(checkpoint.load(), undefined);
    }
    assert.equal(warnings.length, 2 * whole.length);
    assert.match(warnings[0] ?? '', /damaged; the job starts from its beginning/);
  });
});

describe("a job's files", () => {
  it('replace those of a run that was killed before the journal knew', () => {
    const run = emptyFolder();
    for (const text of ['first', 'second']) {
      const files = new JobFiles(run, 7, 1);
      writeFileSync(files.path('a.txt'), text);
      assert.ok(files.settle(true).ok);
    }
    assert.equal(readFileSync(join(run, 'files', '7', 'a.txt'), 'utf8'), 'second');
    assert.deepEqual(readdirSync(join(run, 'files')), ['7']);
  });

  it('of earlier attempts go when the next one begins, those of a failed one at its end', () => {
    const run = emptyFolder();
    writeFileSync(new JobFiles(run, 7, 1).path('left'), '');
    const second = new JobFiles(run, 7, 2);
    second.path('b');
    assert.deepEqual(readdirSync(join(run, 'files')), ['.7.attempt-2']);
    second.settle(false);
    assert.deepEqual(readdirSync(join(run, 'files')), []);
  });

  it('have names that every system takes', () => {
    const files = new JobFiles(emptyFolder(), 0, 1);
    for (const name of [
      '',
      '.',
      '..',
      'a/b',
      'a\\b',
      'C:',
      'NUL',
      'com1.txt',
      'x.',
      'x ',
      'a\nb',
      'x'.repeat(201),
      '\ud800',
    ])
      assert.throws(() => files.path(name), RangeError, name);
    for (const name of ['.zattrs', 'field 3.bin', 'Ångström.csv', 'console.txt']) files.path(name);
  });
});
