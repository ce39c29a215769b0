import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { roles } from './bundle.ts';
import { bootFor } from './scripts.ts';

/** The self-test takes about a second. */
const timeoutMs = 60_000;

/**
 * Keeps what V8 compiled in a self-test beside the scripts of a folder, so that an executable need not compile it at every
 * start of every worker. Without it (the self-test failed, say) an executable starts more slowly and is otherwise the
 * same. The user's code does not run.
 */
export function warmUp(folder: string, nodeBinary: string): void {
  const place = join(folder, 'warm');
  mkdirSync(place);
  try {
    const warm = join(folder, 'warm.cjs');
    writeFileSync(warm, bootFor('unpackaged') + keepAtExit(place));
    spawnSync(nodeBinary, [warm, '--self-test'], { cwd: place, env: {}, stdio: 'ignore', timeout: timeoutMs });
    for (const role of roles) {
      const made = readdirSync(place).find((name) => name.startsWith(role));
      if (made !== undefined) renameSync(join(place, made), join(folder, `${role}.js.cache`));
    }
    rmSync(warm);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const keepAtExit = (place: string): string =>
  `process.on('exit', () =>
     require('node:fs').writeFileSync(require('node:path').join(${JSON.stringify(place)}, role + process.pid), script.createCachedData()));`;
