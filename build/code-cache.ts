import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buildCache } from './build-cache.ts';
import { roles } from './bundle.ts';
import { hashFile } from './hash-file.ts';
import { bootFor } from './scripts.ts';

/** The self-test takes about a second. */
const timeoutMs = 60_000;
const keptMs = 30 * 24 * 3600 * 1000;

const nameOf = (role: string): string => `${role}.js.cache`;

/**
 * Keeps what V8 compiled in a self-test beside the scripts of a folder, so that an executable need not compile it at every
 * start of every worker. Without it (the self-test failed, say) an executable starts more slowly and is otherwise the
 * same. The user's code does not run.
 *
 * No two such runs give the same bytes. They are kept, so that equal scripts give an equal executable.
 */
export function warmUp(folder: string, nodeBinary: string): void {
  const warm = join(folder, 'warm.cjs');
  const [head, tail] = [bootFor('unpackaged'), keepAtExit()];
  const kept = join(buildCache(), 'compiled', hashWhatIsCompiled(folder, nodeBinary, head + tail));
  if (!existsSync(kept)) {
    const place = join(folder, 'warm');
    mkdirSync(place);
    writeFileSync(warm, head + tail);
    spawnSync(nodeBinary, [warm, '--self-test'], {
      cwd: place,
      env: { WARM: place },
      stdio: 'ignore',
      timeout: timeoutMs,
    });
    rmSync(warm);
    keep(place, kept);
    rmSync(place, { recursive: true, force: true });
  }
  for (const role of roles) {
    const made = join(kept, nameOf(role));
    if (existsSync(made)) copyFileSync(made, join(folder, nameOf(role)));
  }
}

const keepAtExit = (): string =>
  `process.on('exit', () =>
     require('node:fs').writeFileSync(require('node:path').join(process.env.WARM, role + process.pid), script.createCachedData()));`;

function hashWhatIsCompiled(folder: string, nodeBinary: string, boot: string): string {
  const hash = createHash('sha256').update(hashFile(nodeBinary)).update(boot);
  for (const role of roles) hash.update(readFileSync(join(folder, `${role}.js`)));
  return hash.digest('hex').slice(0, 32);
}

function keep(made: string, kept: string): void {
  const above = join(kept, '..');
  const draft = `${kept}.new-${process.pid}`;
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  for (const role of roles) {
    const found = readdirSync(made).find((name) => name.startsWith(role));
    if (found !== undefined) copyFileSync(join(made, found), join(draft, nameOf(role)));
  }
  try {
    renameSync(draft, kept);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another build was first.
    if (!existsSync(kept)) throw error;
  }
  for (const name of readdirSync(above)) {
    const path = join(above, name);
    if (Date.now() - statSync(path).mtimeMs > keptMs) rmSync(path, { recursive: true, force: true });
  }
}
