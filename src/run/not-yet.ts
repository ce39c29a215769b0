import type { Settings } from '../config/settings.ts';
import type { Diagnostic } from '../core/diagnostic.ts';

/** Settings that are read but do nothing in this version: said, so that nobody counts on them. */
export function warnOfMissing({ results }: Settings): readonly Diagnostic[] {
  const names: string[] = [];
  if (results.compress) names.push('[results] compress');
  return names.map((name) => ({ severity: 'warning', message: `${name} has no effect in this version` }));
}
