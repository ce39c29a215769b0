import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Attempts } from '../../src/core/dispatch/attempts.ts';
import { Dispatch } from '../../src/core/dispatch/dispatch.ts';
import { JobQueue } from '../../src/core/dispatch/queue.ts';
import { attemptNumber, hex, jobIndex, workerId } from '../../src/core/ids.ts';
import { planOrder } from '../../src/core/order.ts';

/** A worker with two jobs answers for the first and leaves, but is held up for so long. Returns what is settled. */
function settledAfterLeaving(heldUpMs: number): readonly number[] {
  const policy = {
    cores: 1,
    retries: 0,
    crashLimit: 1,
    timeoutMs: 1_000,
    graceMs: 0,
    chunkJobs: 2,
    jobsPerWorkerMax: undefined,
    halt: { kind: 'never' },
  } as const;
  const queue = new JobQueue(planOrder(2, hex('00'), 'given'), 0, 2, 2, () => false);
  const dispatch = new Dispatch(policy, queue, new Attempts(policy));
  const worker = workerId(1);
  dispatch.step({ type: 'begin' }, 0);
  const [assign] = dispatch.step({ type: 'worker-ready', worker }, 1).filter(({ type }) => type === 'assign');
  assert.equal(assign?.type === 'assign' && assign.assignments.length, 2);
  const times = { startedAtMs: 1, endedAtMs: 2, runMs: 1 };
  const failure = { cause: 'error', message: 'in a timer', stack: '' } as const;
  const answer = { job: jobIndex(0), attempt: attemptNumber(1), ...times, failure } as const;
  const effects = [
    ...dispatch.step({ type: 'failed', worker, answer }, 2),
    ...dispatch.step({ type: 'tick' }, 2 + heldUpMs),
    ...dispatch.step({ type: 'worker-ended', worker, end: { cause: 'retired', how: 'left' } }, 3 + heldUpMs),
  ];
  assert.equal(
    effects.some(({ type }) => type === 'kill'),
    heldUpMs > 1_000,
  );
  return effects.flatMap((effect) => (effect.type === 'settle' ? [effect.outcome.job] : []));
}

it('a worker that leaves by itself costs the jobs it had not begun nothing', () => {
  assert.deepEqual(settledAfterLeaving(0), [0]);
});

it('nor does one that is held up on its way out until their time is over', () => {
  assert.deepEqual(settledAfterLeaving(1_001), [0]);
});
