import { statSync } from 'node:fs';
import { buildExecutables, targetsOf } from '../../build/executable.ts';
import { RecipeError } from '../../build/recipe-error.ts';
import { defaultNodeVersion } from '../../build/versions.ts';
import { entryFromEnvironment, runTask } from '../report.ts';

await runTask(async () => {
  const { TARGETS, NODE, ASSETS } = process.env;
  if (ASSETS) throw new RecipeError('ASSETS cannot be packed yet');
  const version = NODE || defaultNodeVersion;
  for (const { path, code } of await buildExecutables(entryFromEnvironment(), targetsOf(TARGETS), version)) {
    process.stdout.write(`${path}  ${Math.round(statSync(path).size / 1e6)} MB  code ${code.slice(0, 16)}\n`);
  }
  process.stdout.write('Copy it to an empty folder and start it there with: init\n');
  return 0;
});
