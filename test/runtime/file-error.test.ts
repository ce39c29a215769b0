import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { explainFileError } from '../../src/runtime/file-error.ts';
import { systemFiles, withFile, writeAll } from '../../src/runtime/files.ts';
import { createFile, replaceFile, tryReplaceFile } from '../../src/runtime/replace-file.ts';
import { emptyFolder } from '../fixtures/executable.ts';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

const messageOf = (act: () => unknown): string | undefined => explainFileError(thrownBy(act))?.message;

describe('errors of the file system, for people', () => {
  it('the system itself: the path, what was wanted of it, why not', () => {
    const folder = emptyFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    assert.equal(
      messageOf(() => mkdirSync(join(file, 'x'))),
      `${file}/x cannot be made: a part of the path is no folder (ENOTDIR)`,
    );
    assert.equal(
      messageOf(() => mkdirSync(file, { recursive: true })),
      `${file} cannot be made: something of this name is there (EEXIST)`,
    );
    assert.equal(
      messageOf(() => readFileSync(join(folder, 'x'))),
      `${folder}/x cannot be opened: there is no such file or folder (ENOENT)`,
    );
    assert.equal(
      messageOf(() => readdirSync(join(folder, 'x'))),
      `${folder}/x cannot be listed: there is no such file or folder (ENOENT)`,
    );
    assert.equal(
      messageOf(() => writeFileSync(folder, '')),
      `${folder} cannot be written: it is a folder (EISDIR)`,
    );
  });

  it('of files that a run can do without, too', () => {
    const file = join(emptyFolder(), 'file');
    writeFileSync(file, '');
    assert.equal(
      tryReplaceFile(join(file, 'summary.json'), ''),
      `${file}/summary.json cannot be written: a part of the path is no folder (ENOTDIR)`,
    );
  });

  it('of a draft: the folder is missing where it is, and only there', () => {
    const folder = emptyFolder();
    const renamed = messageOf(() => renameSync(join(folder, 'gone.csv.new'), join(folder, 'gone.csv')));
    assert.equal(renamed, `${folder}/gone.csv cannot be renamed: there is no such file or folder (ENOENT)`);
    const opened = messageOf(() => writeFileSync(join(folder, 'no', 'x.csv.new'), ''));
    assert.equal(opened, `${folder}/no/x.csv cannot be written: there is no folder ${folder}/no (ENOENT)`);
  });

  it('folders are made with those above them, where there can be any', { timeout: 20_000 }, () => {
    const folder = join(emptyFolder(), 'a', 'b');
    assert.deepEqual([systemFiles.makeFolder(folder), systemFiles.makeFolder(folder)], [true, false]);
    if (process.platform === 'linux') assert.throws(() => systemFiles.makeFolder('/proc/nobody/x'), { code: 'ENOENT' });
    writeFileSync(join(folder, 'file'), '');
    assert.throws(() => systemFiles.makeFolder(join(folder, 'file')), { code: 'EEXIST' });
    assert.throws(() => systemFiles.makeFolder(join(folder, 'file', 'x')), { code: 'ENOTDIR' });
  });

  it('a draft is called what it would have become', () => {
    const file = join(emptyFolder(), 'file');
    writeFileSync(file, '');
    assert.equal(
      messageOf(() => createFile(join(file, 'a.json'), '')),
      `${file}/a.json cannot be written: a part of the path is no folder (ENOTDIR)`,
    );
  });

  it('a folder that is not there is told where a file should be made in it', () => {
    const folder = join(emptyFolder(), 'not', 'there');
    const error = thrownBy(() => replaceFile(join(folder, 'a.html'), ''));
    assert.deepEqual(explainFileError(error), {
      severity: 'error',
      message: `${folder}/a.html cannot be written: there is no folder ${folder} (ENOENT)`,
      hint: 'make that folder, or name another path',
    });
  });

  it('a full disk does not say which file: whoever opened it does', () => {
    const path = join(emptyFolder(), 'a.csv');
    const full = {
      ...systemFiles,
      write: () =>
        assert.fail(
          Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' }),
        ),
    };
    const write = (): void => withFile(full, path, 'replace', (file) => writeAll(full, file, Buffer.from('x'), 0));
    assert.equal(messageOf(write), `${path} cannot be written: no space is left on the disk (ENOSPC)`);
  });

  it('each says what to do', () => {
    for (const code of [
      'EACCES',
      'EPERM',
      'EROFS',
      'ENOSPC',
      'EDQUOT',
      'ENOENT',
      'ENOTDIR',
      'EISDIR',
      'EMFILE',
      'EIO',
    ]) {
      const error = Object.assign(new Error(code), { code, syscall: 'open', path: '/nowhere/x' });
      assert.match(explainFileError(error)?.hint ?? '', /.{20}/, code);
    }
  });

  it('what is no such error stays a bug', () => {
    for (const about of [
      {},
      { code: 'EACCES' },
      { code: 'EBADF', syscall: 'read', path: '/x' },
      { code: 'ENOENT', syscall: 'spawn x', path: 'x' },
    ]) {
      assert.equal(explainFileError(Object.assign(new Error('x'), about)), undefined);
    }
    assert.equal(explainFileError('ENOENT'), undefined);
  });
});
