import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { hex, machineName } from '../../src/core/ids.ts';
import type { JournalHeader } from '../../src/core/journal/record.ts';
import { spellStatuses } from '../../src/face/status-lines.ts';
import { experimentsOf } from '../../src/run/experiments-of.ts';
import { type FolderStatus, readFolderStatus } from '../../src/run/status.ts';
import { emptyFolder } from '../fixtures/executable.ts';
import { type WrittenJob, writeJournal } from '../fixtures/write-journal.ts';

const place = emptyFolder();
const digestOf = (letter: string): Pick<JournalHeader, 'experimentDigest' | 'seed'> => ({
  experimentDigest: hex(letter.repeat(64)),
  seed: letter.repeat(64),
});
const planOf = (sweeps: string): Pick<JournalHeader, 'plan'> => ({
  plan: { order: 'given', random: {}, sections: { model: { sweeps } }, machines: [] },
});
const times = { worker: 1, startedAtMs: 0, runMs: 1 };

/** Of a run of 10 jobs, of which so many are done. */
function statusOf(experiment: string, machine: string, done: number, more: Partial<JournalHeader> = {}): FolderStatus {
  const folder = join(place, `${experiment}.${machine}`);
  const jobs = Array.from({ length: done }, (_, job): WrittenJob => ({ job, args: [job], ...times }));
  writeJournal(folder, jobs, { experiment, machine: machineName(machine), total: 20, share: 10, ...more });
  const status = readFolderStatus(folder);
  assert.ok(!('problem' in status));
  return status;
}

/** What lines begin with, and the counts in them. */
function show(...statuses: readonly FolderStatus[]): readonly string[] {
  const page = { columns: 1_000, nowMs: 0, look: { hasColour: false, hasUnicode: false } };
  const other = { machine: 'lab9', host: 'h', problem: 'out of reach' };
  return spellStatuses(statuses, [other], page).map((line) =>
    line.replace(/ \[.*\] *\d+% +(\S+)\/(\S+?)(,.*)?$/, ' $1/$2'),
  );
}

describe('status of several folders', () => {
  it('of one experiment has a line for all together', () => {
    assert.deepEqual(show(statusOf('x', 'lab1', 10), statusOf('x', 'lab2', 3)), [
      'lab1 10/10',
      'lab2 3/10',
      'lab9 out of reach',
      'all  13/20',
    ]);
  });

  it('says when all are ready, also where some are finished; not where one has stopped', () => {
    const [done, stopped] = [statusOf('x', 'lab1', 10), statusOf('x', 'lab2', 3)];
    const running = { ...stopped, state: 'running', readyAtMs: 60_000 } as const;
    const last = (...statuses: readonly FolderStatus[]): string => {
      const page = { columns: 1_000, nowMs: 0, look: { hasColour: false, hasUnicode: false } };
      return spellStatuses(statuses, [], page).at(-1) ?? '';
    };
    assert.match(last(done, running), /^all .* 13\/20, 1 min 0 s left, ready /);
    assert.match(last(stopped, running), / 6\/20$/);
    assert.match(last(done, done), / 20\/20$/);
  });

  it('of several experiments shows each below its name', () => {
    assert.deepEqual(show(statusOf('x', 'lab1', 10), statusOf('\u001by', 'lab1', 2), statusOf('x', 'lab2', 3)), [
      'x:',
      'lab1 10/10',
      'lab2 3/10',
      'all  13/20',
      '\\x1by:',
      'lab1 2/10',
      'lab9 out of reach',
    ]);
  });

  it('of several experiments of one name too, but not where only the pool has grown', () => {
    const one = statusOf('x', 'lab1', 10, { ...digestOf('a'), ...planOf('10') });
    const grown = statusOf('x', 'lab2', 3, { ...digestOf('b'), ...planOf('10'), seed: 'a'.repeat(64) });
    const otherSeed = statusOf('x', 'lab3', 4, { ...digestOf('b'), ...planOf('10') });
    const otherSettings = statusOf('x', 'lab4', 5, { ...digestOf('c'), ...planOf('20'), seed: 'a'.repeat(64) });
    assert.deepEqual(show(one, otherSeed, grown, otherSettings), [
      'x:',
      'lab1 10/10',
      'lab2 3/10',
      'all  13/20',
      'x (another one: jobs, settings or seed differ):',
      'lab3 4/10',
      'x (another one: jobs, settings or seed differ):',
      'lab4 5/10',
      'lab9 out of reach',
    ]);
    // What another machine tells holds no seed: the name decides.
    assert.equal(experimentsOf([one, { ...otherSeed, header: undefined }]).length, 1);
  });
});
