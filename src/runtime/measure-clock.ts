import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Less is the grain of file times and the time that writing takes. */
const offsetMinMs = 50;

/**
 * How far the disk's clock is ahead of this machine's. On a disk that machines share it is the one clock that they have in
 * common, by which `logs` puts their lines in order. Nothing where they agree, or where it cannot be known.
 */
export function measureClock(folder: string): { readonly diskClockAheadMs?: number } {
  const path = join(folder, '.clock');
  try {
    writeFileSync(path, '');
    const aheadMs = Math.round(statSync(path).mtimeMs - Date.now());
    rmSync(path, { force: true });
    return Math.abs(aheadMs) < offsetMinMs ? {} : { diskClockAheadMs: aheadMs };
  } catch {
    return {};
  }
}
