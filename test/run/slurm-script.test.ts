import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { spellArrayScript } from '../../src/core/slurm/array-script.ts';
import { start } from '../fixtures/executable.ts';
import { until } from '../fixtures/processes.ts';

/** Says that it runs, counts SIGTERMs, leaves with `LEAVES` at the `TERMS`-th. */
const program = `#!/bin/bash
terms=0
trap '((++terms == TERMS)) && exit "$LEAVES"; echo "term $terms"' TERM
echo "runs $*"
for ((i = 0; i < 600; i++)); do sleep 0.05; done
`;
const scontrol = `#!/bin/bash
echo "scontrol $*"
exit "\${SCONTROL_FAILS:-0}"
`;

/** Without Slurm: bash, a program that hears signals, and a scontrol that only says that it was called. */
describe('the script of an array of shares', { concurrency: true }, () => {
  const place = mkdtempSync(join(tmpdir(), 'job-splitter-script-'));
  after(() => rmSync(place, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({ program, scontrol }))
    writeFileSync(join(place, name), text, { mode: 0o755 });
  const about = { name: 'x', folder: place, shares: 4, coresPerShare: 1, overrides: [] };
  const script = join(place, 'x.sbatch');
  // 5 seconds to drain, the least there can be.
  writeFileSync(script, spellArrayScript({ ...about, program: join(place, 'program'), beforeLimitS: 31 }));

  async function run(signals: readonly NodeJS.Signals[], more: Readonly<Record<string, string>>): Promise<string> {
    const environment = { PATH: `${place}:${process.env.PATH}`, SLURM_ARRAY_TASK_ID: '3', SLURM_JOB_ID: '17', ...more };
    const started = start('/bin/bash', [script], place, { TERMS: '1', LEAVES: '5', ...environment });
    await until('it runs', () => started.output().includes('runs --share 3/4 --yes\n'));
    for (const [at, signal] of signals.entries()) {
      await until('it has heard the one before', () => at === 0 || started.output().includes(`term ${at}\n`));
      process.kill(started.pid, signal);
    }
    const { code, stdout, stderr } = await started.ended;
    return `${code} ${stdout}${stderr}`;
  }

  it('the time limit is near, something is left: requeued', async () => {
    assert.match(await run(['SIGUSR1'], {}), /^5 (.|\n)*\nscontrol requeue 17\nThe time limit is near/);
  });
  it('jobs that do not end are stopped before the limit: requeued', async () => {
    assert.match(await run(['SIGUSR1'], { TERMS: '2', LEAVES: '143' }), /^143 (.|\n)*term 1\nscontrol requeue 17\n/);
  });
  it('all is done in time: not requeued', async () => {
    assert.doesNotMatch(await run(['SIGUSR1'], { LEAVES: '0' }), /scontrol/);
  });
  it('jobs have failed, nothing is left: not requeued', async () => {
    assert.match(await run(['SIGUSR1'], { LEAVES: '3' }), /^3 runs --share 3\/4 --yes\n$/);
  });
  it('scancel: the program hears it, not requeued', async () => {
    assert.match(await run(['SIGTERM'], {}), /^5 runs --share 3\/4 --yes\n$/);
  });
  it('scancel while it drains: not requeued', async () => {
    assert.doesNotMatch(await run(['SIGUSR1', 'SIGTERM'], { TERMS: '2', LEAVES: '143' }), /scontrol/);
  });
  it('requeued often enough: says how to go on', async () => {
    const said = await run(['SIGUSR1'], { SLURM_RESTART_COUNT: '100' });
    assert.match(said, /^5 (.|\n)*Requeued 100 times already; to go on: sbatch --array=3 and this file/);
    assert.doesNotMatch(said, /scontrol/);
  });
  it('a cluster that does not requeue: says how to go on', async () => {
    assert.match(
      await run(['SIGUSR1'], { SCONTROL_FAILS: '1' }),
      /^5 (.|\n)*\nTo go on: sbatch --array=3 and this file\n$/,
    );
  });
  it('no such program, no such folder: an exit code, nothing else', async () => {
    for (const [change, expected] of [
      [{ program: join(place, 'nothing') }, 127],
      [{ folder: join(place, 'nowhere') }, 2],
    ] as const) {
      const text = spellArrayScript({ ...about, program: join(place, 'program'), beforeLimitS: 45, ...change });
      const other = join(place, `${expected}.sbatch`);
      writeFileSync(other, text);
      const { code } = await start('/bin/bash', [other], place, {
        SLURM_ARRAY_TASK_ID: '1',
        PATH: process.env.PATH ?? '',
      }).ended;
      assert.equal(code, expected);
    }
  });
});
