import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { encodeJson } from '../core/json.ts';
import type { RunSummary } from '../experiment.ts';

/** What `summary.json` holds. */
export interface Summary extends RunSummary {
  readonly experimentDigest: string;
  readonly planDigest: string;
  readonly codeFingerprint: string;
  readonly seed: string;
  readonly stream: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly target: string;
  readonly host: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Replaces the file as a whole; NaN and its like as `core/json.ts` spells them. */
export function writeSummary(path: string, summary: Summary): void {
  const draft = `${path}.new`;
  writeFileSync(draft, `${JSON.stringify(JSON.parse(encodeJson(dropUndefined(summary))), null, 2)}\n`);
  rmSync(path, { force: true });
  renameSync(draft, path);
}

function dropUndefined(summary: Summary): unknown {
  return Object.fromEntries(Object.entries(summary).filter(([, value]) => value !== undefined));
}
