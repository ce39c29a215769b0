import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configFromSnapshot } from '../../src/config/config.ts';
import type { Answer } from '../../src/core/dispatch/protocol.ts';
import type { Success } from '../../src/core/journal/block-text.ts';
import type { RowText } from '../../src/core/row-text.ts';
import type { AnyExperiment, Context } from '../../src/experiment.ts';
import { SentCall } from '../../src/runtime/worker/job-call.ts';
import type { WorkerTask } from '../../src/runtime/worker/messages.ts';
import { ExperimentRunner } from '../../src/runtime/worker/run-job.ts';

type Answered = { readonly success: Success; readonly rows: readonly RowText[] } | { readonly failed: Answer };

const task: WorkerTask = {
  ...{ config: [], seed: 'ab', stream: 'same', mathRandom: 'native', logLevel: 'silent' },
  ...{ memoryLimitBytes: undefined, runFolder: '', recipe: undefined },
  csv: {
    shape: {
      ...{ includeStartTime: false, includeJobInterval: false, includeJobStartTime: false, includeJobDoneTime: false },
      ...{ includeJobId: false, includeMachine: false, includeAttempt: false, includeSeed: false },
      ...{ includeArguments: false, timestamps: 'iso' },
    },
    ...{ sessionStartedAtMs: 0, machine: 'm', seed: 'ab' },
  },
};

/** What a job that gets one number comes to. */
async function answerOf(job: (context: Context) => unknown): Promise<Answered> {
  const experiment: AnyExperiment = { jobs: [1], job: (...all) => job(all[3] as Context) };
  const { promise, resolve } = Promise.withResolvers<Answered>();
  const config = configFromSnapshot(task.config);
  const runner = new ExperimentRunner(experiment, task, 1, config, new AbortController().signal, {
    succeeded: (success, rows) => resolve({ success, rows }),
    failed: (failed) => resolve({ failed }),
  });
  await runner.run(new SentCall(7, 3, 0, '[1]', [1]));
  return promise;
}

const busyFor = (ms: number): void => {
  for (const untilMs = performance.now() + ms; performance.now() < untilMs; );
};

describe('one job in a worker', () => {
  it('has a context that may be spread', async () => {
    const answer = await answerOf((context) => {
      const { index, attempt, stream, signal } = { ...context };
      return [index, attempt, stream.int(4, 4), Number(signal.aborted)];
    });
    assert.ok('success' in answer, JSON.stringify(answer));
    assert.equal(answer.rows[0]?.csv, '7,3,4,0');
  });

  for (const [call, act] of Object.entries<(context: Context) => unknown>({
    'progress.report': ({ progress }) => progress.report(5, 3),
    'context.file': ({ file }) => file('a/../b'),
    'checkpoint.save': ({ checkpoint }) => checkpoint.save(() => 0),
    'random.int': ({ stream }) => stream.int(2, 1),
    'random.pick': ({ stream }) => stream.pick([]),
    'random.fork': ({ stream }) => stream.fork(Number.NaN as never, (() => 0) as never),
    'random.restore': ({ stream }) => stream.restore({} as never),
    'ASSETS=': ({ assets }) => assets,
  })) {
    it(`what ${call} throws is shown with the line of the job, and none of the program below it`, async () => {
      const answer = await answerOf(function theJob(context) {
        return act(context);
      });
      assert.ok('failed' in answer);
      const { message, stack } = answer.failed.failure;
      assert.ok(message.includes(call.replace('stream', 'random')), message);
      const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
      assert.ok(
        frames.some((line) => line.includes('theJob')),
        stack,
      );
      assert.doesNotMatch(stack, /worker[\\/]/);
      // Numbers may differ at another attempt: what was measured, what was read.
      const mayDiffer = ['progress.report', 'random.int', 'random.pick'].includes(call);
      assert.equal(answer.failed.failure.isSure, mayDiffer ? undefined : true);
    });
  }

  it('answers for itself, whatever it writes into its context', async () => {
    const answer = await answerOf((context) => {
      Object.assign(context, { index: 0, attempt: 'none' });
      throw new Error('in its own words');
    });
    assert.ok('failed' in answer);
    const { job, attempt, failure } = answer.failed;
    assert.deepEqual([job, attempt, failure.message], [7, 3, 'Error: in its own words']);
  });

  it('may succeed with another attempt when what it throws is its own, of whatever class', async () => {
    const wrapped = (context: Context): never => {
      try {
        context.stream.restore({} as never);
        throw new Error('never');
      } catch (cause) {
        throw new RangeError('in its own words', { cause });
      }
    };
    const own = [() => new Array(-1), () => assert.fail(), () => Promise.reject(new RangeError('late')), wrapped];
    for (const act of own) {
      const answer = await answerOf(act);
      assert.ok('failed' in answer);
      assert.equal(answer.failed.failure.isSure, undefined, answer.failed.failure.message);
    }
  });

  it('fails for sure where a setting is missing: settings are the same for each attempt', async () => {
    const answer = await answerOf(() => configFromSnapshot([]).getInt('model', 'sweeps'));
    assert.ok('failed' in answer);
    assert.deepEqual([answer.failed.failure.cause, answer.failed.failure.isSure], ['error', true]);
  });

  it('ends when it returns, however long its result is read', async () => {
    const answer = await answerOf(() => {
      busyFor(1_050);
      return Object.defineProperty([0], 0, {
        get: () => {
          busyFor(300);
          return 1;
        },
      });
    });
    assert.ok('success' in answer);
    const { startedAtMs, endedAtMs, runMicros } = answer.success;
    assert.ok(Math.abs(endedAtMs - startedAtMs - runMicros / 1_000) < 200, `${endedAtMs - startedAtMs}`);
  });

  it('is given no cell that it did not return', async () => {
    for (const length of [undefined, null, {}, '0', false, -1, 0.5]) {
      const answer = await answerOf(
        () => new Proxy([], { get: (_, name) => (name === 'length' ? length : undefined) }),
      );
      const cells = 'success' in answer ? answer.rows.map(({ csv }) => csv) : ['failed'];
      assert.ok(cells[0] === '' || cells[0] === 'failed', `length ${String(length)}: ${cells}`);
    }
  });
});
