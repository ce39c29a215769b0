import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderDiagnostic } from '../../src/core/render-diagnostic.ts';
import { loadExperiment } from '../../src/load-experiment.ts';
import { selfTest } from '../../src/self-test.ts';

async function complaint(load: () => Promise<object>): Promise<string> {
  const loaded = await loadExperiment(load, 'mine');
  return loaded.ok ? 'fine' : loaded.diagnostics.map(renderDiagnostic).join('\n');
}

const job = (n: number): number => n;
class Sweep {
  readonly jobs = [1];
  readonly factor = 2;
  job(n: number): number {
    return this.factor * n;
  }
}

describe('the file of an experiment', () => {
  it('may name what there is, and must have jobs and job; a wrong name is told with the one that is meant', async () => {
    const all = { ...selfTest, setup: job, initializeWorker: job, onResult: job, teardown: job, overrideSeed: 7 };
    for (const [value, said] of [
      [all, 'fine'],
      [{ jobs: [1], job, columns: undefined }, 'fine'],
      [new Sweep(), 'fine'],
      [Object.create({ jobs: [1], job }), 'fine'],
      [{ jobs: [1], job, colums: ['n'] }, 'mine: an experiment has no field "colums"\n  is columns meant?'],
      [{ jbos: [1], job }, 'mine: an experiment has no field "jbos"\n  is jobs meant?'],
      [{ jobs: [1], job, Setup: job }, 'mine: an experiment has no field "Setup"\n  is setup meant?'],
      [
        { jobs: [1], job, description: 'x' },
        'mine: an experiment has no field "description"\n  its fields: name, jobs, job, columns, setup, initializeWorker, onResult, reduce, reduceStart, teardown, overrideSeed',
      ],
      [{ job }, 'mine: the experiment has no jobs\n  for example jobs: range(10), job: (n) => [n, n * n]'],
      [{ jobs: [1], job: 1 }, 'mine: job of the experiment is not a function'],
      [
        { jobs: [1], job, columns: 'n', overrideSeed: [1] },
        "mine: columns of the experiment is not a list of texts: ['size', 'energy']\nmine: overrideSeed of the experiment is not a text or a number",
      ],
    ] as const) {
      assert.equal(await complaint(async () => ({ default: value })), said);
    }
    const swept = await loadExperiment(async () => ({ default: new Sweep() }), 'mine');
    assert.ok(swept.ok);
    // However it is called from now on.
    const { job: detached, ...others } = swept.value;
    assert.deepEqual([detached(3), others], [6, { jobs: [1] }]);
    for (const entry of [{}, { default: job }, { experiment: all }]) {
      assert.match(await complaint(async () => entry), /default export: export default defineExperiment/);
    }
  });

  it('that throws while it is loaded is told as the mistake of its author, with their lines', async () => {
    const said = await complaint(async () => {
      throw new TypeError('no table', { cause: new Error('no disk') });
    });
    assert.match(
      said,
      /^the experiment's file \(mine\) threw while it was loaded: TypeError: no table\n +at .*\.test\.ts/,
    );
    assert.match(said, /caused by: Error: no disk[\s\S]*\n {2}what stands outside of functions runs whenever/);
    assert.doesNotMatch(said, /load-experiment\.ts/);
    assert.match(
      await complaint(async () => {
        throw null;
      }),
      /loaded: threw null\n/,
    );
  });
});
