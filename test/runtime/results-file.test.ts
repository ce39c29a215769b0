import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { hex, jobIndex } from '../../src/core/ids.ts';
import type { FoldedOutcome } from '../../src/core/journal/fold.ts';
import { spellCrc } from '../../src/core/journal/line.ts';
import { partsOf, type SettledPart } from '../../src/core/journal/settled.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { type Files, systemFiles } from '../../src/runtime/files.ts';
import { holdsResults } from '../../src/runtime/holds-results.ts';
import { ResultsFile, type ResultsLayout, type ResultsOptions } from '../../src/runtime/results-file.ts';
import { emptyFolder } from '../fixtures/executable.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';

const session = { startedAtMs: 0, codeFingerprint: hex('c'), host: 'h', pid: 1, cores: 1, target: 't', versions: {} };
const shape = {
  includeStartTime: false,
  includeJobInterval: false,
  includeJobStartTime: false,
  includeJobDoneTime: false,
  includeJobId: false,
  includeMachine: false,
  includeAttempt: false,
  includeSeed: false,
  includeArguments: false,
  timestamps: 'iso' as const,
};

const outcome = (n: number): FoldedOutcome => ({
  session,
  outcome: {
    job: jobIndex(n),
    args: [n],
    occurrence: 0,
    attempt: 1,
    worker: 1,
    startedAtMs: 0,
    endedAtMs: 0,
    runMs: 0,
    result: { status: 'succeeded', rows: [[`row ${n}`]] },
  },
});
const list = (from: number, to: number): FoldedOutcome[] =>
  Array.from({ length: to - from }, (_, at) => outcome(from + at));
const textOf = (to: number): string =>
  `value\n${list(0, to)
    .map((_, n) => `row ${n}\n`)
    .join('')}`;

class Rig {
  readonly path: string = join(emptyFolder(), 'results.csv');
  readonly clock: VirtualClock = new VirtualClock();
  readonly warnings: string[] = [];
  readonly recalled: FoldedOutcome[] = [];
  /** Set: every opening for writing fails with it. */
  code: string | undefined;
  /** Set: half of the next write is taken, then the disk is full. */
  tears = false;
  /** Of syncs beside the run, that wait for their end: told it, they end with that error. */
  readonly syncs: ((code: string | undefined) => void)[] = [];
  readonly file: ResultsFile;

  constructor(limits: Pick<ResultsOptions, 'pendingBytesMax' | 'syncAheadBytes'> = {}) {
    const files: Files = {
      ...systemFiles,
      open: (path, how) => {
        if (this.code !== undefined && how !== 'read') throw Object.assign(new Error(this.code), { code: this.code });
        return systemFiles.open(path, how);
      },
    };
    files.write = (file, data, position) => {
      if (!this.tears) return systemFiles.write(file, data, position);
      systemFiles.write(file, data.subarray(0, data.length / 2), position);
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    };
    files.syncLater = (_file, done) =>
      this.syncs.push((code) => done(code === undefined ? null : Object.assign(new Error(code), { code }), undefined));
    const onTrouble = (message: string): void => void this.warnings.push(message);
    const layout = {
      path: this.path,
      shape,
      header: () => ['value'],
      width: 1,
      source: { machine: () => '', seed: '' },
    };
    this.file = new ResultsFile(
      { ...layout, onTrouble, recall: () => partsOf(this.recalled) },
      { files, clock: this.clock, ...limits },
    );
  }

  append(from: number, to: number): void {
    this.recalled.push(...list(from, to));
    this.file.append(list(from, to));
  }

  /** Time goes on until the next try. */
  retry(): void {
    assert.ok(this.clock.advance());
  }

  get text(): string {
    return readFileSync(this.path, 'utf8');
  }
}

describe('results.csv', () => {
  it('keeps what is right, completes what is torn, replaces what was edited, makes what is missing', () => {
    for (const before of [
      undefined,
      '',
      textOf(2),
      textOf(3).slice(0, -4),
      textOf(2).replace('row 1', 'row x'),
      `${textOf(3)}more`,
    ]) {
      const rig = new Rig();
      if (before !== undefined) writeFileSync(rig.path, before);
      rig.file.rewrite(() => partsOf(list(0, 3)));
      assert.equal(rig.text, textOf(3));
      rig.append(3, 5);
      assert.equal(rig.text, textOf(5));
      assert.ok(rig.file.finish());
      assert.deepEqual(rig.warnings, []);
    }
  });

  for (const code of ['EBUSY', 'EPERM', 'EACCES', 'ENOSPC']) {
    it(`held (${code}): warned of once, catches up while the run goes on`, () => {
      const rig = new Rig();
      rig.file.rewrite(() => partsOf([]));
      rig.append(0, 2);
      rig.code = code;
      rig.append(2, 3);
      for (let tries = 0; tries < 5; tries++) rig.retry();
      rig.append(3, 5);
      assert.equal(rig.text, textOf(2));
      assert.equal(rig.warnings.length, 1);
      rig.code = undefined;
      const beforeMs = rig.clock.nowMs();
      rig.retry();
      assert.ok(rig.clock.nowMs() - beforeMs <= 1_000);
      assert.equal(rig.text, textOf(5));
      rig.append(5, 6);
      assert.equal(rig.text, textOf(6));
      assert.ok(rig.file.finish());
      assert.equal(rig.warnings.length, 1);
    });
  }

  it('torn by a full disk: the piece is written over, while the run goes on', () => {
    const rig = new Rig();
    rig.file.rewrite(() => partsOf([]));
    rig.append(0, 2);
    rig.tears = true;
    rig.append(2, 4);
    assert.notEqual(rig.text, textOf(2));
    rig.append(4, 5);
    rig.tears = false;
    rig.retry();
    assert.equal(rig.text, textOf(5));
  });

  it('lets go of more than it may keep, and is made anew from the journal', () => {
    const rig = new Rig({ pendingBytesMax: 20 });
    rig.file.rewrite(() => partsOf([]));
    rig.code = 'EBUSY';
    rig.append(0, 10);
    rig.append(10, 12);
    rig.code = undefined;
    rig.retry();
    assert.equal(rig.text, textOf(12));
    rig.append(12, 13);
    assert.equal(rig.text, textOf(13));
  });

  it('goes to the disk beside the run, one sync at a time; one that was refused has it made anew', () => {
    const rig = new Rig({ syncAheadBytes: 10 });
    rig.file.rewrite(() => partsOf([]));
    rig.append(0, 2);
    rig.append(2, 4);
    assert.equal(rig.syncs.length, 1);
    rig.syncs.shift()?.(undefined);
    rig.append(4, 6);
    assert.equal(rig.syncs.length, 1);
    writeFileSync(rig.path, textOf(6).replace('row 1', 'lost!'));
    rig.syncs.shift()?.('EIO');
    assert.equal(rig.warnings.length, 1);
    rig.retry();
    assert.equal(rig.text, textOf(6));
    rig.append(6, 8);
    writeFileSync(rig.path, textOf(8).replace('row 1', 'lost!'));
    rig.syncs.shift()?.('EIO');
    assert.ok(rig.file.finish());
    assert.equal(rig.text, textOf(8));
    rig.append(8, 10);
    assert.equal(rig.syncs.length, 1);
    rig.file.close();
    // Told after the end, when nobody can do anything about it any more.
    rig.syncs.shift()?.('EIO');
    assert.ok(!rig.clock.advance());
  });

  it('is mended when somebody saves over it or removes it during the run', () => {
    const rig = new Rig();
    rig.file.rewrite(() => partsOf([]));
    rig.append(0, 2);
    appendFileSync(rig.path, 'edited');
    rig.append(2, 3);
    rig.retry();
    assert.equal(rig.text, textOf(3));
    rmSync(rig.path);
    rig.append(3, 4);
    rig.retry();
    assert.equal(rig.text, textOf(4));
  });

  it('that is a folder: the end says what is missing and what to do', () => {
    const rig = new Rig();
    mkdirSync(rig.path);
    rig.file.rewrite(() => partsOf([]));
    rig.append(0, 2);
    assert.ok(!rig.file.finish());
    assert.match(rig.warnings.at(-1) ?? '', /not complete; .*start again/);
    rmdirSync(rig.path);
    rig.file.rewrite(() => partsOf(list(0, 2)));
    assert.equal(rig.text, textOf(2));
  });
});

describe('results.csv with parts that the journal vouches for', () => {
  const rowsOf = (from: number, to: number): string =>
    list(from, to)
      .map((_, at) => `row ${from + at}\n`)
      .join('');
  const layoutIn = (folder: string, fingerprint: string | undefined): ResultsLayout => ({
    path: join(folder, 'results.csv'),
    shape,
    header: () => ['value'],
    width: 1,
    source: { machine: () => '', seed: '' },
    ...(fingerprint !== undefined && { fingerprint }),
    onTrouble: (message) => assert.fail(message),
  });

  /** Jobs by fives, proven; `spelt` gathers which of them were asked for their rows. */
  function* partsUpTo(to: number, spelt: number[] = []): Generator<SettledPart> {
    for (let from = 0; from < to; from += 5) {
      const data = Buffer.from(rowsOf(from, from + 5));
      yield {
        session: { ...session, results: 'present' },
        csv: { bytes: data.length, crc: spellCrc(checksum(data)) },
        outcomes: () => {
          spelt.push(from);
          return list(from, from + 5);
        },
      };
    }
  }
  const whole = Buffer.from(textOf(15));

  it('is believed without a look at the rows, where it was written as it would be now', () => {
    for (const fingerprint of ['present', 'another', undefined]) {
      const layout = layoutIn(emptyFolder(), fingerprint);
      writeFileSync(layout.path, whole);
      const spelt: number[] = [];
      assert.ok(holdsResults(layout, partsUpTo(15, spelt)));
      new ResultsFile(layout).rewrite(() => partsUpTo(15, spelt));
      assert.deepEqual(readFileSync(layout.path), whole);
      assert.deepEqual(spelt, fingerprint === 'present' ? [] : [0, 5, 10, 0, 5, 10]);
    }
  });

  it('any single byte that is another one, missing or too many is found and mended', () => {
    const layout = layoutIn(emptyFolder(), 'present');
    for (let at = 0; at <= whole.length; at++) {
      const [before, after] = [whole.subarray(0, at), whole.subarray(at + 1)];
      const other = Buffer.of((whole[at] ?? 0) ^ (1 << (at % 8)));
      for (const spoilt of [
        [before, other, after],
        [before, other, whole.subarray(at)],
        at < whole.length ? [before, after] : [],
      ]) {
        writeFileSync(layout.path, Buffer.concat(spoilt));
        assert.ok(!holdsResults(layout, partsUpTo(15)), `byte ${at}`);
        new ResultsFile(layout).rewrite(() => partsUpTo(15));
        assert.deepEqual(readFileSync(layout.path), whole);
      }
    }
  });

  it('a proof of rows that were filled up otherwise by their worker does not have the file written anew', () => {
    const layout = layoutIn(emptyFolder(), 'present');
    function* ragged(): Generator<SettledPart> {
      for (const part of partsUpTo(15)) {
        const other = Buffer.from(`${rowsOf(0, 5)},,,`);
        yield { ...part, csv: { bytes: other.length, crc: spellCrc(checksum(other)) } };
      }
    }
    writeFileSync(layout.path, whole);
    assert.ok(holdsResults(layout, ragged()));
    writeFileSync(layout.path, Buffer.concat([whole, Buffer.from('more\n')]));
    assert.ok(!holdsResults(layout, ragged()));
    writeFileSync(layout.path, whole.subarray(0, 30));
    new ResultsFile(layout).rewrite(ragged);
    assert.deepEqual(readFileSync(layout.path), whole);
  });

  it('cut off anywhere: only what is missing is spelt again', () => {
    const layout = layoutIn(emptyFolder(), 'present');
    for (let bytes = 0; bytes < whole.length; bytes++) {
      writeFileSync(layout.path, whole.subarray(0, bytes));
      const spelt: number[] = [];
      const file = new ResultsFile(layout);
      file.rewrite(() => partsUpTo(15, spelt));
      assert.deepEqual(readFileSync(layout.path), whole);
      const missing = [0, 5, 10].filter((from) => textOf(from + 5).length > bytes);
      assert.deepEqual(spelt, missing, `cut at ${bytes}`);
      file.append(list(15, 16));
      assert.deepEqual(readFileSync(layout.path, 'utf8'), textOf(16));
    }
  });

  it('takes rows that were spelt elsewhere, under the same header, and none that are spelt otherwise', () => {
    for (const width of [1, undefined]) {
      const layout = { ...layoutIn(emptyFolder(), 'present'), width };
      const file = new ResultsFile(layout);
      file.rewrite(() => []);
      const never = { outcomes: () => assert.fail('rows that are spelt already') };
      file.appendBlocks([{ csv: Buffer.alloc(0), width: 0, ...never }]);
      file.appendBlocks([{ csv: Buffer.from(rowsOf(0, 5)), width: 1, ...never }]);
      file.append(list(5, 7));
      const other = { csv: Buffer.from('otherwise\n'), width: 2, outcomes: () => list(7, 8) };
      if (width === undefined) file.appendBlocks([other]);
      else file.append(list(7, 8));
      assert.equal(readFileSync(layout.path, 'utf8'), textOf(8));
      assert.ok(file.finish());
    }
  });

  it('says once, and at the end, that rows differ in width; not that a job returned nothing', () => {
    const heard: string[] = [];
    const file = new ResultsFile({
      ...layoutIn(emptyFolder(), 'present'),
      width: undefined,
      onTrouble: (text) => void heard.push(text.replace(/^.*results\.csv: /, '')),
    });
    file.rewrite(() => []);
    const add = (width: number, widths: readonly [number, number] | undefined): void =>
      file.appendBlocks([{ csv: Buffer.from('row\n'), width, widths, outcomes: () => list(0, 1) }]);
    for (const widths of [[2, 2], undefined, [2, 2]] as const) add(2, widths);
    assert.deepEqual(heard, []);
    for (const widths of [
      [2, 3],
      [1, 3],
      [2, 2],
    ] as const)
      add(2, widths);
    assert.equal(heard.length, 1);
    assert.match(
      heard[0] ?? '',
      /^rows have 2 to 3 values; some stand under a name that is not theirs, .*name columns/,
    );
    assert.ok(file.finish());
    assert.equal(heard[1], 'rows have 1 to 3 values, and no columns are named; see the first warning');
  });

  it('says where header.csv names fewer or more result columns than rows have', () => {
    for (const [named, problem] of [
      [2, undefined],
      [3, 'rows have 2 values, header.csv names 3 (mend or empty it)'],
      [1, 'rows have 2 values, header.csv names 1 (mend or empty it)'],
    ] as const) {
      const heard: string[] = [];
      const onTrouble = (text: string): void => void heard.push(text);
      const file = new ResultsFile({ ...layoutIn(emptyFolder(), 'present'), width: undefined, named, onTrouble });
      file.rewrite(() => []);
      for (const jobs of [1, 2])
        file.appendBlocks([{ csv: Buffer.from('row\n'), width: 2, widths: [2, 2], outcomes: () => list(0, jobs) }]);
      assert.equal(heard.length, problem === undefined ? 0 : 1);
      if (problem !== undefined) assert.ok(heard[0]?.includes(problem), heard[0]);
    }
  });

  it('says so, too, where the header is that of an earlier session, or of a job that returned nothing', () => {
    for (const width of [0, 3]) {
      const heard: string[] = [];
      const file = new ResultsFile({
        ...layoutIn(emptyFolder(), 'present'),
        width: undefined,
        onTrouble: (text) => void heard.push(text),
      });
      file.rewrite(() => []);
      file.appendBlocks([{ csv: Buffer.from('row\n'), width, outcomes: () => list(0, 1) }]);
      file.appendBlocks([{ csv: Buffer.from('row\n'), width, widths: [2, 2], outcomes: () => list(0, 1) }]);
      assert.match(heard.join(), width === 0 ? /rows have 0 to 2 values/ : /rows have 2 to 3 values/);
    }
  });
});
