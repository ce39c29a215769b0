import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { type Files, systemFiles } from '../../src/runtime/files.ts';
import { JournalFile, type WriteGuard } from '../../src/runtime/journal-file.ts';
import { emptyFolder } from '../fixtures/executable.ts';

const text = '{"crc":"a journal, as far as anybody looks"}\n';

async function open(files: Files = systemFiles, guard?: WriteGuard): Promise<{ path: string; journal: JournalFile }> {
  const path = join(emptyFolder(), 'journal.jsonl');
  const journal = new JournalFile(path, 0, files, guard);
  assert.equal(await flush(journal, 0), 'ok');
  return { path, journal };
}

const flush = (journal: JournalFile, at: number): Promise<string> =>
  new Promise((resolve) => journal.flush([text], at, (result) => resolve(result.ok ? 'ok' : result.why)));

const withoutLinks: Files = {
  ...systemFiles,
  link: () => {
    throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
  },
};

describe('a journal that is taken away', () => {
  for (const [title, files] of [
    ['', systemFiles],
    [', where there are no links', withoutLinks],
  ] as const) {
    it(`between the last look and the end: said when it is closed, and written again${title}`, async () => {
      const { path, journal } = await open(files);
      rmSync(path);
      // Looked at a moment ago.
      assert.equal(await flush(journal, text.length), 'ok');
      assert.match((await journal.close()) ?? '', /deleted or moved.*written again, whole/);
      assert.equal(readFileSync(path, 'utf8'), text + text);
      assert.equal(journal.path, path);
      assert.deepEqual(readdirSync(dirname(path)), ['journal.jsonl']);
    });
  }

  it('saves under a name that is free, once', async () => {
    const { path, journal } = await open();
    const folder = dirname(path);
    writeFileSync(join(folder, 'journal.saved-1.jsonl'), 'of an earlier time');
    writeFileSync(join(folder, 'other'), 'other');
    renameSync(join(folder, 'other'), path);
    const why = await journal.close();
    assert.match(why ?? '', /replaced by another file.*journal\.saved-2\.jsonl/);
    assert.equal(journal.path, join(folder, 'journal.saved-2.jsonl'));
    assert.equal(readFileSync(journal.path, 'utf8'), text);
    assert.equal(readFileSync(join(folder, 'journal.saved-1.jsonl'), 'utf8'), 'of an earlier time');
    assert.equal(readFileSync(path, 'utf8'), 'other');
  });

  it('by a process that has taken over: nothing is written there', async () => {
    let isUrgent: boolean | undefined;
    const { path, journal } = await open(systemFiles, (urgent) => {
      isUrgent = urgent;
      return urgent === true ? 'another has taken over' : undefined;
    });
    rmSync(path);
    assert.equal(await journal.close(), 'another has taken over');
    assert.equal(isUrgent, true);
    assert.deepEqual(readdirSync(dirname(path)), []);
  });

  it('put back as a copy: said as soon as the copy lacks something', async () => {
    const { path, journal } = await open();
    writeFileSync(`${path}.copy`, readFileSync(path));
    renameSync(`${path}.copy`, path);
    assert.equal(await flush(journal, text.length), 'ok');
    assert.match((await journal.close()) ?? '', /replaced by another file.*journal\.saved-1\.jsonl/);
    assert.equal(readFileSync(journal.path, 'utf8'), text + text);
  });

  it('on a file system that gives other numbers each time, left alone: nothing is said', async () => {
    let number = 0;
    const { journal } = await open({ ...systemFiles, identity: () => `${number++}` });
    assert.equal(await flush(journal, text.length), 'ok');
    assert.equal(await journal.close(), undefined);
  });

  it('left alone: nothing is said', async () => {
    const { journal } = await open();
    assert.equal(await flush(journal, text.length), 'ok');
    assert.equal(await journal.close(), undefined);
  });

  it('out of reach at the moment it is looked at: nothing is said', async () => {
    let isHeld = false;
    const held: Files = {
      ...systemFiles,
      open: (path, how) => {
        if (isHeld) throw Object.assign(new Error('EBUSY'), { code: 'EBUSY' });
        return systemFiles.open(path, how);
      },
    };
    const { journal } = await open(held);
    isHeld = true;
    assert.equal(await flush(journal, text.length), 'ok');
    assert.equal(await journal.close(), undefined);
  });
});
