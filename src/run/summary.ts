import { encodeJson } from '../core/json.ts';
import type { RunSummary } from '../experiment.ts';
import { type Files, systemFiles } from '../runtime/files.ts';
import { tryReplaceFile } from '../runtime/replace-file.ts';

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

/**
 * Replaces the file as a whole; NaN and its like as `core/json.ts` spells them. Says why it cannot be written: the
 * journal holds all of it.
 */
export function writeSummary(path: string, summary: Summary, files: Files = systemFiles): string | undefined {
  const text = `${JSON.stringify(JSON.parse(encodeJson(dropUndefined(summary))), null, 2)}\n`;
  return tryReplaceFile(path, text, files);
}

function dropUndefined(summary: Summary): unknown {
  return Object.fromEntries(Object.entries(summary).filter(([, value]) => value !== undefined));
}
