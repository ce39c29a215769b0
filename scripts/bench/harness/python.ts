import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { RecipeError } from '../../../build/recipe-error.ts';

/** Debian's joblib and Dask are seen by Debian's Python only, which need not be the first on the PATH. */
export function python(): string {
  return existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
}

export function assertPython(): void {
  const { status } = spawnSync(python(), ['-c', 'import os; os.pidfd_open']);
  if (status !== 0) throw new RecipeError('make bench needs Linux and Python 3.9 or newer, with which it measures.');
}

/** The version of a package that Python can import; `undefined` where it cannot. */
export function pythonPackage(name: string): string | undefined {
  const { status, stdout } = spawnSync(python(), ['-c', `import ${name}; print(${name}.__version__)`], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}
