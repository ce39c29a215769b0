import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildExecutables, targetsOf } from '../../build/executable.ts';
import { distFolder, repositoryFolder } from '../../build/folders.ts';
import { runTask } from '../report.ts';

/** Onsager's exact magnetisation (Yang 1952) at temperature 2. */
const expected = (1 - Math.sinh(2 / 2) ** -4) ** (1 / 8);

await runTask(async () => {
  const [executable] = await buildExecutables({
    entry: join(repositoryFolder, 'examples', 'ising.ts'),
    targets: targetsOf(undefined),
  });
  if (executable === undefined) return 1;
  const folder = join(distFolder, 'demo');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync(executable.path, ['--machine', 'N/A', '--yes'], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) return status ?? 1;
  const { reduced } = JSON.parse(readFileSync(join(folder, 'ising.all', 'summary.json'), 'utf8'));
  const [sum, count] = reduced;
  const found = sum / count;
  process.stdout.write(
    `Magnetisation at temperature 2: ${found.toFixed(4)}; exact (Onsager, Yang): ${expected.toFixed(4)}\n`,
  );
  return Math.abs(found - expected) < 0.01 ? 0 : 1;
});
