import { parseLock } from '../config/lock-file.ts';
import { type AgreementPart, compareExpectation } from '../core/agreement.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { formatCountOf } from '../core/format-count.ts';
import { encodeJson } from '../core/json.ts';
import { findDifferences, type PlanDifference } from '../core/plan-difference.ts';
import type { PlanFacts } from '../core/plan-facts.ts';
import { spellCores } from '../core/spell-cores.ts';
import type { Prepared } from './prepare.ts';
import { lockFileName } from './three-files.ts';

export type PlanCheck =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'differs'; readonly diagnostics: readonly Diagnostic[] }
  /** The lock file is damaged, or what is expected is neither words nor hex. */
  | { readonly kind: 'unusable'; readonly diagnostics: readonly Diagnostic[] };

/** More values than this say nothing new. */
const shownMax = 20;

/** Holds the plan here against `experiment.lock` (where there is one), then against what `--expect` says. */
export function checkPlan(prepared: Prepared, expected: string | undefined): PlanCheck {
  const lock = checkLock(prepared);
  return lock.kind === 'agrees' ? checkExpectation(prepared, expected) : lock;
}

function checkLock({ files, facts, resolved, equalShares }: Prepared): PlanCheck {
  const { lock } = files;
  if (lock.text === undefined) return { kind: 'agrees' };
  const locked = parseLock(lock.text, lock.path);
  if (!locked.ok) return { kind: 'unusable', diagnostics: locked.diagnostics };
  const differences = findDifferences(facts, locked.value);
  if (differences.length === 0) return { kind: 'agrees' };
  const list = differences.slice(0, shownMax).map((it) => error(describeDifference(it, resolved.origins)));
  if (differences.length > shownMax) list.push(error(`… and ${differences.length - shownMax} more values differ`));
  const plan = equalShares === undefined ? 'plan' : `plan --shares ${equalShares}`;
  const hint = `All machines need the same files and the same program. After a change on purpose: ${plan} --lock`;
  return { kind: 'differs', diagnostics: [...list, error(`This is not the plan of ${lockFileName}`, hint)] };
}

function describeDifference(
  { part, what, here, there }: PlanDifference,
  origins: Prepared['resolved']['origins'],
): string {
  const origin = origins.find(({ section, name }) => part === 'runner.config' && `[${section}] ${name}` === what);
  const from = here === undefined || origin === undefined ? '' : ` (${origin.origin})`;
  const [ours, theirs] = [here ?? 'missing', there ?? 'missing'].map(shorten);
  return `${part} differs: ${what} is ${ours} here${from}, ${theirs} in ${lockFileName}`;
}

function checkExpectation({ agreement, facts }: Prepared, expected: string | undefined): PlanCheck {
  if (expected === undefined) return { kind: 'agrees' };
  const expectation = compareExpectation(expected, agreement);
  switch (expectation.kind) {
    case 'met':
      return { kind: 'agrees' };
    case 'malformed': {
      const hint = 'give what plan prints: the six words, or the 36 hex digits';
      return { kind: 'unusable', diagnostics: [error(`--expect: ${expectation.problem}`, hint)] };
    }
    case 'differs': {
      const list = expectation.parts.map((part) => error(`${part} differs; here it is ${describePart(part, facts)}`));
      const unknown = 'a part differs, but its own word agrees by chance; compare the output of plan --json';
      if (list.length === 0) list.push(error(unknown));
      const hint =
        'All machines need the same files and the same program; experiment.lock (plan --lock) names the values';
      return { kind: 'differs', diagnostics: [...list, error('This is not the expected plan', hint)] };
    }
  }
}

/** The values here, for a person who compares them with those on the other machine. */
function describePart(part: AgreementPart, { pool, config, machines, header, code }: PlanFacts): string {
  switch (part) {
    case 'pool':
      return shorten(`${formatCountOf(pool.jobs, 'job')}, from ${pool.first} to ${pool.last}`);
    case 'runner.config':
      return listValues([
        ...Object.entries(config.sections).flatMap(([section, values]) => spellValues(section, values)),
        ...spellValues('random', config.random),
        `[run] order = ${config.order}`,
      ]);
    case 'machines.json':
      return listValues(machines.map(({ name, weight, cores }) => `${name}: weight ${weight}, ${spellCores(cores)}`));
    case 'header.csv':
      return shorten(header === null ? 'generated (the file is empty)' : encodeJson(header));
    case 'code':
      return code;
  }
}

function spellValues(section: string, values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => shorten(`[${section}] ${name} = ${value}`));
}

function listValues(values: readonly string[]): string {
  const more = values.length > shownMax ? `; … and ${values.length - shownMax} more` : '';
  return values.slice(0, shownMax).join('; ') + more;
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

function error(message: string, hint?: string): Diagnostic {
  return { severity: 'error', message, ...(hint !== undefined && { hint }) };
}
