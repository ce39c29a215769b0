import { isRecord } from '../core/is-record.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import { encodeJson } from '../core/json.ts';
import type { RunSummary } from '../experiment.ts';
import { type Files, readText, systemFiles } from '../runtime/files.ts';
import { tryReplaceFile } from '../runtime/replace-file.ts';
import { summaryPath } from '../runtime/run-folder.ts';
import { inputsAreKept } from './inputs.ts';
import type { Prepared } from './prepare.ts';

/** What `summary.json` holds. */
export interface Summary extends RunSummary {
  readonly experimentDigest: string;
  readonly planDigest: string;
  /** Of the program that wrote this. */
  readonly codeFingerprint: string;
  /** Failed jobs by cause. */
  readonly failures: Readonly<Record<string, number>>;
  /** Settled jobs by the code that ran them. */
  readonly codes: Readonly<Record<string, number>>;
  readonly seed: string;
  readonly stream: string;
  /** Which random numbers jobs received, in words. */
  readonly random: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly target: string;
  readonly host: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** How long was computed between these two, the pauses between sessions left out; of one machine only. */
  readonly activeMs?: number | undefined;
  readonly files: Readonly<Record<string, string>>;
  /** Stands there until `teardown` has succeeded. */
  readonly teardown?: 'due';
}

export function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}

export const causeOf = ({ outcome: { result } }: FoldedOutcome): string =>
  result.status === 'failed' ? result.failure.cause : '';

/**
 * Replaces the file as a whole; NaN and its like as `core/json.ts` spells them. Says why it cannot be written: the
 * journal holds all of it.
 */
export function writeSummary(path: string, summary: Summary, files: Files = systemFiles): string | undefined {
  const text = `${JSON.stringify(asPlainJson(dropUndefined(summary)), null, 2)}\n`;
  return tryReplaceFile(path, text, files);
}

const asPlainJson = (value: unknown): unknown => JSON.parse(encodeJson(value));

function dropUndefined(summary: Summary): unknown {
  return Object.fromEntries(Object.entries(summary).filter(([, value]) => value !== undefined));
}

/** What `summary.json` in a folder says already. */
export interface Concluded {
  readonly experimentDigest?: unknown;
  readonly codeFingerprint?: unknown;
  readonly jobs?: unknown;
  /** Not there where `reduce` failed. */
  readonly reduced?: unknown;
  /** Where `teardown` failed, or did not live to its end. */
  readonly teardown?: unknown;
  /** Milliseconds since 1970; `undefined` where it says none. */
  readonly endedAtMs: number | undefined;
  readonly activeMs?: number | undefined;
}

export function readConcluded(folder: string): Concluded {
  try {
    const value: unknown = JSON.parse(readText(systemFiles, summaryPath(folder)));
    if (!isRecord(value)) return { endedAtMs: undefined };
    const endedAtMs = Date.parse(String(value.endedAt));
    const activeMs = typeof value.activeMs === 'number' ? value.activeMs : undefined;
    return { ...value, endedAtMs: Number.isNaN(endedAtMs) ? undefined : endedAtMs, activeMs };
  } catch {
    return { endedAtMs: undefined };
  }
}

/** Whether a folder holds the balance of all that its journal says, made from the three files as they are now. */
export function isConcluded(folder: string, written: Concluded, summary: Summary, prepared: Prepared): boolean {
  return (
    written.experimentDigest === summary.experimentDigest &&
    encodeJson(written.jobs ?? null) === encodeJson(summary.jobs) &&
    holdsReduced(written, summary) &&
    written.teardown === undefined &&
    inputsAreKept(folder, prepared.files)
  );
}

/** Other code may reduce to something else. What the same code gives is not compared: it may be a value of the moment. */
function holdsReduced(written: Concluded, { codeFingerprint, reduced }: Summary): boolean {
  if (written.reduced === undefined || reduced === undefined) return written.reduced === reduced;
  return (
    written.codeFingerprint === codeFingerprint ||
    JSON.stringify(written.reduced) === JSON.stringify(asPlainJson(reduced))
  );
}
