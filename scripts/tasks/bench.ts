import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildExecutables, targetsOf } from '../../build/executable.ts';
import { repositoryFolder } from '../../build/folders.ts';
import { runTask } from '../report.ts';

/** What one trivial job costs, start and end of the program included; SMOKE=1 with few jobs. */
await runTask(async () => {
  spawnSync(
    process.execPath,
    ['--expose-gc', '--disable-warning=ExperimentalWarning', join(repositoryFolder, 'scripts', 'bench', 'pools.ts')],
    { stdio: 'inherit' },
  );
  const jobs = process.env.SMOKE ? 2_000 : 200_000;
  const folder = mkdtempSync(join(tmpdir(), 'job-splitter-bench-'));
  try {
    const entry = join(folder, 'trivial.ts');
    writeFileSync(
      entry,
      `import { defineExperiment, range } from 'job-splitter';
export default defineExperiment({ jobs: range(${jobs}), columns: ['n'], job: (n: number) => [n] });`,
    );
    const [executable] = await buildExecutables(entry, targetsOf(undefined), undefined, folder);
    if (executable === undefined) return 1;
    const work = join(folder, 'work');
    mkdirSync(work);
    const startedMs = performance.now();
    const { status } = spawnSync(executable.path, ['--machine', 'N/A', '--yes'], {
      cwd: work,
      stdio: ['ignore', 'inherit', 'ignore'],
    });
    const ms = performance.now() - startedMs;
    process.stdout.write(
      `${jobs} trivial jobs in ${(ms / 1_000).toFixed(2)} s: ${((1_000 * ms) / jobs).toFixed(1)} µs a job\n`,
    );
    return status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
