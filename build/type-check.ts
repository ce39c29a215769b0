import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { modulesFolder, repositoryFolder } from './folders.ts';
import { RecipeError } from './recipe-error.ts';

/** Checks the types of an entry against the API, under a configuration of its own. */
export function checkTypes(entry: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'job-splitter-types-'));
  try {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configuration(resolve(entry))));
    const tsc = join(modulesFolder, 'typescript', 'bin', 'tsc');
    const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new RecipeError(`The types of ${entry} do not fit:\n${stdout}${stderr}`.trimEnd());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function configuration(entry: string): unknown {
  return {
    compilerOptions: {
      target: 'es2024',
      lib: ['es2024', 'dom'],
      module: 'preserve',
      moduleResolution: 'bundler',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowJs: true,
      allowImportingTsExtensions: true,
      resolveJsonModule: true,
      types: ['node'],
      typeRoots: [join(modulesFolder, '@types')],
      paths: { 'job-splitter': [join(repositoryFolder, 'src', 'api.ts')] },
    },
    files: [
      entry,
      ...['seedrandom-xor4096.d.ts', 'imported-files.d.ts'].map((name) => join(repositoryFolder, 'src', name)),
    ],
  };
}
