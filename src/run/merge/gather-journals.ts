import { statSync } from 'node:fs';
import { join } from 'node:path';
import { whyNoMachineName } from '../../config/machine-name.ts';
import { type Diagnostic, failed, ok, type Result } from '../../core/diagnostic.ts';
import type { JournalHeader } from '../../core/journal/record.ts';
import { type FoundJournal, findJournal, trueNameOf } from '../../runtime/merge/find-journals.ts';
import { readJournal } from '../../runtime/read-journal.ts';
import { refuseColumns } from '../other-columns.ts';
import { allMachines, type Prepared } from '../prepare.ts';
import { checkExperiment } from '../resume.ts';
import { readSource, type Sink, type Source, type Whole } from './sources.ts';

export interface JournalsFound {
  readonly journals: readonly FoundJournal[];
  /** What was given and is no journal, without harm. */
  readonly notices: readonly string[];
  readonly bytes: number;
}

/** Looks for the journals of all that was given; `scratch` is a folder to unpack into. */
export async function findJournals(given: readonly string[], scratch: string): Promise<Result<JournalsFound>> {
  const [journals, notices, mistakes]: [FoundJournal[], string[], Diagnostic[]] = [[], [], []];
  const seen = new Set<string>();
  // Sorted: what a merge comes to must not depend on the order in which folders are given.
  for (const [at, name] of given.toSorted().entries()) {
    const trueName = trueNameOf(name);
    if (seen.has(trueName)) continue;
    seen.add(trueName);
    const search = await findJournal(name, join(scratch, `journal-${at}.jsonl`));
    if (search.kind === 'found') journals.push(search.journal);
    else if (search.kind === 'passed-over') notices.push(`${name} is passed over: ${search.why}`);
    else mistakes.push(mistake(`${name}: ${search.why}`, 'give run folders, such as my_experiment.lab1, or journals'));
  }
  if (mistakes.length > 0) return failed(...mistakes);
  if (journals.length === 0)
    return failed(mistake('there is no journal among these', 'give run folders, such as my_experiment.lab1'));
  return ok({ journals, notices, bytes: journals.reduce((sum, { path }) => sum + statSync(path).size, 0) });
}

/** Reads one journal into the sink, if it belongs to the experiment. */
export function gatherJournal(journal: FoundJournal, number: number, whole: Whole, sink: Sink): Result<Source> {
  const reading = readJournal(journal.path);
  const { fold, unusable } = reading;
  if (unusable !== undefined) return failed(mistake(`${journal.name}: the journal ${unusable}`, leaveOut));
  const { header } = fold;
  if (header === undefined) return failed(mistake(`${journal.name}: the journal is empty`, leaveOut));
  const stranger = whyStranger(header, whole.prepared);
  if (stranger !== undefined) {
    const isOther = header.experiment !== whole.prepared.name;
    return failed(mistake(`${journal.name} ${stranger}`, isOther ? mergeApart : leaveOut));
  }
  const fits = checkExperiment(header, fold, whole.prepared, journal.name);
  if (!fits.ok) return failed(...fits.diagnostics.map(withOwnHint));
  const source = readSource(journal, number, reading, header, whole, sink);
  const { otherColumns } = source;
  return otherColumns === undefined
    ? ok(source)
    : refuseColumns(otherColumns, whole.prepared.headerShape.columns ?? [], journal.name, sameColumns);
}

const sameColumns =
  'merge with a program that names the same; or start this one there with --rerun-older-code, and copy the folder here again';
const leaveOut = 'leave it out, or copy it here again';
const mergeApart = 'leave it out: the program of that experiment merges it';

function whyStranger({ experiment, machine, plan, joined }: JournalHeader, prepared: Prepared): string | undefined {
  if (experiment !== prepared.name) return `holds another experiment: ${experiment}, not ${prepared.name}`;
  if (machine === allMachines) return undefined;
  const named = `names a machine ${JSON.stringify(machine.slice(0, 200))}`;
  const why = whyNoMachineName(machine);
  if (why !== undefined) return `${named}, which cannot be: ${why.message}`;
  const known = [...(plan?.machines ?? []), ...prepared.machines].map(({ name }) => name);
  // Journals of version 0.1 do not say what machines there were.
  return plan === undefined || joined === true || known.includes(machine)
    ? undefined
    : `${named}, which its own plan does not know`;
}

/** The ways out of a start are not those of a merge. */
function withOwnHint(diagnostic: Diagnostic): Diagnostic {
  const hint = diagnostic.hint ?? '';
  const seed = /to go on with the same random numbers,.*?\n {2}seed = \S+/s.exec(hint)?.[0];
  const own = 'merge it beside the three files that it was computed with, or leave it out';
  return { ...diagnostic, hint: seed === undefined ? own : seed.replace('to go on', 'to merge results') };
}

export function mistake(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
