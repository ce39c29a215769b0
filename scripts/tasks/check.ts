import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { modulesFolder, repositoryFolder } from '../../build/folders.ts';

/** What CI runs: types, lint and layers, dead code, all tests. Stops at the first that fails. */
const steps: readonly (readonly [string, readonly string[]])[] = [
  ['types', [join(modulesFolder, 'typescript', 'bin', 'tsc'), '-p', '.']],
  ['types of the page of a report', [join(modulesFolder, 'typescript', 'bin', 'tsc'), '-p', 'src/face/report/page']],
  ['lint', [join(modulesFolder, '@biomejs', 'biome', 'bin', 'biome'), 'ci', '.']],
  ['dead code', [join(modulesFolder, 'knip', 'bin', 'knip.js')]],
  ['tests', [join('scripts', 'tasks', 'test.ts')]],
];

for (const [name, words] of steps) {
  process.stdout.write(`— ${name}\n`);
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
    cwd: repositoryFolder,
    stdio: 'inherit',
    env: { ...process.env, LONG: '1' },
  });
  if (status === 0) continue;
  process.stdout.write(`${name} failed\n`);
  process.exitCode = 1;
  break;
}
