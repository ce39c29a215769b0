import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { findExperiments } from '../../src/run/find-run-folders.ts';
import { emptyFolder } from '../fixtures/executable.ts';
import { writeJournal } from '../fixtures/write-journal.ts';

describe('run folders beside the three files', () => {
  it('are told apart by experiment; results of merge, what was moved aside and copies are none', () => {
    const place = emptyFolder();
    const write = (name: string, experiment: string): void => writeJournal(join(place, name), [], { experiment });
    for (const name of ['x.lab2', 'x.lab1', 'x.merged', 'old.x.lab1.20260731T140233Z', 'old.x.lab1', 'copy.x.lab1'])
      write(name, 'x');
    // Its name begins as those of x do.
    write('x.y.lab1', 'x.y');
    // An experiment may be called so.
    for (const name of ['old.lab1', 'old.old.lab1.20260731T140233Z']) write(name, 'old');
    write('a%2Fb.lab1', 'a/b');
    mkdirSync(join(place, 'x.empty'));
    writeFileSync(join(place, 'x.report.html'), '');
    write('x.zipped', 'x');
    const journal = join(place, 'x.zipped', 'journal.jsonl');
    writeFileSync(`${journal}.gz`, gzipSync(readFileSync(journal)));
    rmSync(journal);
    for (const name of ['x.damaged', 'other.damaged']) {
      mkdirSync(join(place, name));
      writeFileSync(join(place, name, 'journal.jsonl'), 'no journal\n');
    }
    assert.deepEqual(
      [...findExperiments(place, 'x')],
      [
        ['a/b', ['a%2Fb.lab1']],
        ['old', ['old.lab1']],
        ['x', ['x.damaged', 'x.lab1', 'x.lab2', 'x.zipped']],
        ['x.y', ['x.y.lab1']],
      ],
    );
  });

  const needsRoot = process.getuid?.() !== 0 && 'needs root, to be somebody else';
  it('pass over folders of others that are closed to us, but not over one of ours', { skip: needsRoot }, () => {
    const place = emptyFolder();
    chmodSync(place, 0o755);
    writeJournal(join(place, 'x.lab1'), [], { experiment: 'x' });
    chmodSync(join(place, 'x.lab1'), 0o755);
    mkdirSync(join(place, 'lost+found'), { mode: 0o700 });
    const asNobody = (): readonly string[] => {
      process.seteuid?.(65_534);
      try {
        return findExperiments(place, 'x').get('x') ?? [];
      } finally {
        process.seteuid?.(0);
      }
    };
    assert.deepEqual(asNobody(), ['x.lab1']);
    mkdirSync(join(place, 'x.lab2'), { mode: 0o700 });
    assert.throws(asNobody, { code: 'EACCES' });
  });
});
