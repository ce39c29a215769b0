import assert from 'node:assert/strict';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, mock } from 'node:test';
import { findFoldersBeside } from '../../src/face/folders-beside.ts';
import { emptyFolder } from '../fixtures/executable.ts';
import { writeJournal } from '../fixtures/write-journal.ts';

const program = {
  experiment: { name: 'p/q', jobs: [], job: () => 1 },
  build: {
    ...{ name: 'p', version: '0.1.0', code: '', target: 'unpackaged' },
    templates: { machines: '', header: '', config: '' },
  },
};

function lookIn(
  place: string,
  command: 'merge' | 'report',
): { readonly folders: readonly string[] | undefined; readonly lines: readonly string[] } {
  let said = '';
  const write = mock.method(process.stderr, 'write', (text: string) => {
    said += text;
    return true;
  });
  const before = process.cwd();
  process.chdir(place);
  try {
    return { folders: findFoldersBeside(command, program), lines: said.split('\n').slice(0, -1) };
  } finally {
    process.chdir(before);
    write.mock.restore();
  }
}

describe('run folders that nobody named', () => {
  it('where there are none: the place, safe for a terminal, and what one would be called', () => {
    const place = join(realpathSync(emptyFolder()), 'a\u001b[31m');
    mkdirSync(place);
    const { folders, lines } = lookIn(place, 'merge');
    assert.equal(folders, undefined);
    const shown = place.replace('\u001b', '\\x1b');
    assert.deepEqual(lines, [`There are no run folders in ${shown}; give some, such as "p%2Fq.lab1".`]);
    writeJournal(join(place, 'a.all'), [], { experiment: 'a' });
    assert.match(lookIn(place, 'merge').lines.join(), /^The run folders in \S+\\x1b\[31m are of another experiment/);
  });

  it('of very many experiments: a few are named, the own one among them', () => {
    const place = emptyFolder();
    for (let at = 10; at < 32; at++) writeJournal(join(place, `e${at}.all`), [], { experiment: `e${at}` });
    for (let at = 1; at <= 21; at++) writeJournal(join(place, `p%2Fq.${at}of21`), [], { experiment: 'p/q' });
    const merge = lookIn(place, 'merge');
    assert.equal(merge.folders, undefined);
    assert.deepEqual(merge.lines.slice(1), [
      '  merge "p%2Fq."*of21',
      ...[10, 11, 12, 13, 14, 15, 16, 17, 18].map((at) => `  merge e${at}.all # with the program of e${at}`),
      '  … and those of 13 more experiments',
    ]);
    const report = lookIn(place, 'report');
    assert.equal(report.folders?.length, 21);
    assert.equal(report.lines.length, 11);
    assert.equal(report.lines[0], 'Left out    the run folders of e10: report e10.all');
    assert.equal(report.lines[10], 'Left out    the run folders of 12 more experiments');
  });
});
