import assert from 'node:assert/strict';
import { it } from 'node:test';
import { describeEvent } from '../../src/face/describe-event.ts';

it('that another Ctrl-C stops at once is said only where there was a first one', () => {
  const told = { type: 'stopping', atMs: 0, how: 'drain', longestLeftMs: 7_200_000 } as const;
  const say = (reason: 'stopped' | 'until', isBySignal: boolean, running: number): string | undefined =>
    describeEvent({ ...told, reason, isBySignal, running });
  assert.equal(say('stopped', true, 8), 'waiting for 8 jobs, the longest about 2 h 0 min; again = stop now');
  assert.equal(say('stopped', false, 1), 'waiting for 1 job, the longest about 2 h 0 min');
  assert.equal(say('until', false, 8), 'waiting for 8 jobs, the longest about 2 h 0 min');
  assert.equal(say('until', false, 0), undefined);
});
