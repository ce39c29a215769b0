import { join } from 'node:path';
import { spellLock } from '../config/lock-file.ts';
import { replaceFile } from '../runtime/replace-file.ts';
import type { Prepared } from './prepare.ts';
import { lockFileName } from './three-files.ts';

/** Writes `experiment.lock` beside the three files, over an older one; returns its path. */
export function lockPlan({ files, facts, agreement }: Prepared): string {
  const path = join(files.folder, lockFileName);
  replaceFile(path, spellLock(facts, agreement));
  return path;
}
