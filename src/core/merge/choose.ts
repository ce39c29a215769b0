import type { Hex, JobIndex, MachineName } from '../ids.ts';
import type { Candidate, Origin } from './candidate.ts';

export interface Rules {
  readonly origins: readonly Origin[];
  /** Of this program: where several codes have computed a job, its own result counts. */
  readonly code: string;
  /** Who is believed where the same code gave different results: what ended first, or a machine; nobody by default. */
  readonly onConflict: OnConflict | undefined;
}

export type OnConflict = { readonly kind: 'first' } | { readonly kind: 'machine'; readonly machine: MachineName };

/** Which of several outcomes of one job counts. */
export interface Choice {
  readonly chosen: Candidate;
  /** Others that say exactly the same, which is evidence. Copies of the same line of a journal are not among them. */
  readonly equal: readonly Candidate[];
  /** How often the chosen one stood there. */
  readonly copies: number;
  /** Successes of other code with another result. */
  readonly ofOtherCode: readonly Candidate[];
  /** The same code gave different results. */
  readonly conflict: Conflict | undefined;
}

export interface Conflict {
  readonly job: JobIndex;
  /** One for each different result. */
  readonly between: readonly Candidate[];
  readonly isDecided: boolean;
}

/**
 * Success beats failure; of the same code all successes must be equal, bit for bit, or somebody has to decide; of
 * several codes this program's own counts, else what ended last. The answer does not depend on the order in which
 * the candidates are given. `undefined` where there are none.
 */
export function chooseOutcome(candidates: readonly Candidate[], rules: Rules): Choice | undefined {
  const [only] = candidates;
  if (only === undefined) return undefined;
  if (candidates.length === 1) {
    return { chosen: only, equal: [], copies: 1, ofOtherCode: [], conflict: undefined };
  }
  const different = withoutCopies(candidates, rules);
  const successes = different.filter(({ status }) => status === 'succeeded');
  if (successes.length > 0) return chooseSuccess(successes, candidates, rules);
  const chosen = different.reduce((a, b) => (compare(a, b, rules) >= 0 ? a : b));
  return { chosen, equal: [], copies: countCopies(chosen, candidates, rules), ofOtherCode: [], conflict: undefined };
}

function chooseSuccess(successes: readonly Candidate[], all: readonly Candidate[], rules: Rules): Choice {
  const codeOf = ({ origin }: Candidate): string => originOf(origin, rules).session.codeFingerprint;
  const own = successes.filter((it) => codeOf(it) === rules.code);
  const last = successes.reduce((a, b) => (compare(a, b, rules) >= 0 ? a : b));
  const sameCode = own.length > 0 ? own : successes.filter((it) => codeOf(it) === codeOf(last));
  const first = firstOf(sameCode, rules);
  const between = distinctResults(sameCode, rules);
  const decided = between.length === 1 ? first : decide(sameCode, first, rules);
  const chosen = decided ?? first;
  return {
    chosen,
    equal: successes.filter((it) => it !== chosen && sayTheSame(it, chosen)),
    copies: countCopies(chosen, all, rules),
    ofOtherCode: successes.filter((it) => !sameCode.includes(it) && !sayTheSame(it, chosen)),
    conflict: between.length === 1 ? undefined : { job: chosen.job, between, isDecided: decided !== undefined },
  };
}

function decide(sameCode: readonly Candidate[], first: Candidate, rules: Rules): Candidate | undefined {
  const { onConflict } = rules;
  if (onConflict === undefined) return undefined;
  if (onConflict.kind === 'first') return first;
  const own = sameCode.filter(({ origin }) => originOf(origin, rules).machine === onConflict.machine);
  // A machine that contradicts itself decides nothing.
  return distinctResults(own, rules).length === 1 ? firstOf(own, rules) : undefined;
}

/** What ended first; of at least one. */
function firstOf(candidates: readonly Candidate[], rules: Rules): Candidate {
  return candidates.reduce((a, b) => (compare(a, b, rules) <= 0 ? a : b));
}

/** One candidate for each different result, in an order of their own. */
function distinctResults(candidates: readonly Candidate[], rules: Rules): readonly Candidate[] {
  const sorted = candidates.toSorted((a, b) => compare(a, b, rules));
  return sorted.filter((it, at) => sorted.findIndex((other) => sayTheSame(it, other)) === at);
}

export function sayTheSame(a: Candidate, b: Candidate): boolean {
  return a.status === b.status && a.json === b.json && a.filesJson === b.filesJson;
}

function withoutCopies(candidates: readonly Candidate[], rules: Rules): readonly Candidate[] {
  return candidates.filter((it, at) => candidates.findIndex((other) => areCopies(it, other, rules)) === at);
}

function countCopies(chosen: Candidate, all: readonly Candidate[], rules: Rules): number {
  return all.filter((it) => areCopies(it, chosen, rules)).length;
}

/** Whether both are the same line of the same journal, which was given twice (an older copy, say). */
function areCopies(a: Candidate, b: Candidate, rules: Rules): boolean {
  return compare(a, b, rules) === 0;
}

/** By the end of the attempt, then by all else that does not depend on where the journals lie. */
function compare(a: Candidate, b: Candidate, rules: Rules): number {
  const [ours, theirs] = [originOf(a.origin, rules), originOf(b.origin, rules)];
  return (
    a.endedAtMs - b.endedAtMs ||
    a.startedAtMs - b.startedAtMs ||
    compareTexts(ours.machine, theirs.machine) ||
    ours.session.startedAtMs - theirs.session.startedAtMs ||
    a.worker - b.worker ||
    a.attempt - b.attempt ||
    a.runMicros - b.runMicros ||
    compareTexts(ours.session.codeFingerprint, theirs.session.codeFingerprint) ||
    compareTexts(a.status, b.status) ||
    compareTexts(a.json, b.json) ||
    compareTexts(a.filesJson, b.filesJson)
  );
}

function compareTexts(a: string | Hex, b: string | Hex): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function originOf(number: number, { origins }: Rules): Origin {
  const origin = origins[number];
  if (origin === undefined) throw new Error('Internal error: an outcome of no journal');
  return origin;
}
