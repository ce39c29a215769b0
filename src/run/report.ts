import { statSync } from 'node:fs';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { formatCountOf } from '../core/format-count.ts';
import type { JobIndex } from '../core/ids.ts';
import type { FoldedOutcome, JournalFold } from '../core/journal/fold.ts';
import { LastLines } from '../core/journal/last-lines.ts';
import { groupAlike, whyOtherExperiment } from '../core/journal/one-experiment.ts';
import { Settled, UnreadableLine } from '../core/journal/settled.ts';
import { JobTally, MachineTally } from '../core/report/job-tally.ts';
import { composeReport, type Report, type ReportParts, type Run } from '../core/report/report.ts';
import { tellApart } from '../core/tell-apart.ts';
import { checksum } from '../runtime/checksum.ts';
import { readJournal, readJournalLines } from '../runtime/read-journal.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { experimentsShown, spellCommand } from './spell-command.ts';
import { findRunning } from './stop-run.ts';

interface Journal {
  readonly folder: string;
  readonly fold: JournalFold;
  readonly header: NonNullable<JournalFold['header']>;
}

/**
 * What the journals of some run folders come to, running, ended or copied. Nothing but these folders is read, and nothing written. Folders
 * without a journal are left out with a warning, as long as there is one with.
 */
export function reportOn(
  folders: readonly string[],
  nowMs: number,
): Result<{ readonly report: Report; readonly warnings: readonly Diagnostic[] }> {
  const journals: Journal[] = [];
  const problems: Diagnostic[] = [];
  for (const folder of folders) {
    const opened = openJournal(folder);
    if ('header' in opened) journals.push(opened);
    else problems.push(opened);
  }
  const [first, ...others] = journals;
  if (first === undefined) return failed(...problems);
  const unfit = findUnfit(first, others);
  if (unfit !== undefined) return failed(unfit);
  const tally = new JobTally();
  const notes: string[] = [];
  const names = nameRuns(journals);
  for (const journal of journals) {
    for (const { outcome } of failuresOf(journal)) tally.addFailure(outcome, names.get(journal) ?? '');
  }
  tally.failures.startComparing();
  const read = (journal: Journal): Run => readRun(journal, names.get(journal) ?? '', tally, notes);
  const runs = [read(first), ...others.map(read)] as const;
  const { settled, twice, repeated } = countSettled(journals);
  if (twice > 0)
    notes.push(`${formatCountOf(twice, 'job')} settled on more than one machine: counts by machine hold them twice`);
  const report = composeReport({ runs, tally, settled, repeated, notes, nowMs });
  return ok({ report, warnings: problems.map((problem) => ({ ...problem, severity: 'warning' })) });
}

function openJournal(folder: string): Journal | Diagnostic {
  const path = journalPath(folder);
  if (!isFile(path)) {
    const hint = 'give run folders, such as my_experiment.lab1; one that has just been started has no journal yet';
    return { severity: 'error', message: `${folder} holds no journal.jsonl`, hint };
  }
  const { fold, unusable } = readJournal(path);
  const { header } = fold;
  if (header !== undefined && unusable === undefined) return { folder, fold, header };
  const hint =
    unusable?.startsWith('cannot be read') === true
      ? 'make it readable for you, or copy the folder again'
      : 'a run writes it with its first results; one that was damaged does not come back';
  return { severity: 'error', message: `${path} ${unusable ?? 'is empty'}`, hint };
}

/** A folder that does not belong to the others, or is a copy of one of them. */
function findUnfit(first: Journal, others: readonly Journal[]): Diagnostic | undefined {
  const stranger = findStranger([first, ...others]);
  if (stranger !== undefined) return stranger;
  const seen = new Map([[spellOrigin(first), first.folder]]);
  for (const { folder, fold, header } of others) {
    const origin = spellOrigin({ fold, header });
    const twin = seen.get(origin);
    if (twin !== undefined) {
      const message = `${folder} and ${twin} are the same run of ${JSON.stringify(header.machine)}: one is a copy of the other`;
      return { severity: 'error', message, hint: 'give the newer one alone' };
    }
    seen.set(origin, folder);
  }
  return undefined;
}

const differencesShown = 3;

/** Jobs of several experiments have the same indices, and are no common whole. */
function findStranger(journals: readonly Journal[]): Diagnostic | undefined {
  const why = (a: Journal, b: Journal): readonly string[] => whyOtherExperiment(a.header, b.header);
  const groups = groupAlike(journals, (a, b) => why(a, b).length === 0);
  const [[first] = [], [other] = []] = groups;
  if (first === undefined || other === undefined) return undefined;
  const [name, otherName] = [first, other].map(({ header }) => JSON.stringify(header.experiment));
  const which =
    name === otherName
      ? `${other.folder} holds another ${name} than ${first.folder} (${why(first, other).slice(0, differencesShown).join('; ')})`
      : `${other.folder} is of the experiment ${otherName}, ${first.folder} of ${name}`;
  const message = `these run folders are of ${groups.length} experiments: ${which}`;
  const spell = (group: readonly Journal[]): string =>
    spellCommand(
      'report',
      group.map(({ folder }) => folder),
    );
  const lines = groups.slice(0, experimentsShown).map(spell);
  const more = groups.length - lines.length;
  if (more > 0) lines.push(`… and of ${formatCountOf(more, 'more experiment')}`);
  const hint = `make a report of each (--out FILE says where to):\n  ${lines.join('\n  ')}`;
  return { severity: 'error', message, hint };
}

/** Where and when a journal was begun. */
function spellOrigin({ fold, header }: Pick<Journal, 'fold' | 'header'>): string {
  const { host, pid, startedAtMs } = fold.sessions[0] ?? { host: '', pid: 0, startedAtMs: 0 };
  return JSON.stringify([header.machine, header.planDigest, host, pid, startedAtMs]);
}

/** By machine; with the folder where a machine has several. */
function nameRuns(journals: readonly Journal[]): ReadonlyMap<Journal, string> {
  const folders = tellApart(journals.map(({ folder }) => folder));
  return new Map(
    journals.map((journal, at) => {
      const { machine } = journal.header;
      const isAlone = journals.every((other) => other === journal || other.header.machine !== machine);
      return [journal, isAlone ? machine : `${machine} (${folders[at]})`];
    }),
  );
}

function failuresOf({ fold }: Journal): readonly FoldedOutcome[] {
  return fold.eras.flatMap(({ lines }) => [...new Settled({ fold, lines }).failures().values()]);
}

/** Reads a journal a second time, for what its lines say. */
function readRun({ folder, fold, header }: Journal, machine: string, tally: JobTally, notes: string[]): Run {
  const own = new MachineTally(machine);
  try {
    for (const { lines } of fold.eras) {
      const settled = new Settled({ fold, lines });
      for (const { outcome, session } of settled.outcomes(readJournalLines(journalPath(folder)), checksum)) {
        tally.add(own, fold.sessions.indexOf(session), outcome);
      }
    }
  } catch (error) {
    if (!(error instanceof UnreadableLine)) throw error;
    notes.push(`${machine}: ${error.message}; what follows it is not in this report`);
  }
  for (const { line, problem } of fold.problems) notes.push(`${machine}: journal.jsonl:${line}: ${problem}`);
  const now = fold.sessions.findLast(({ total }) => total !== undefined);
  return {
    folder,
    header,
    sessions: fold.sessions,
    experimentDigest: fold.experimentDigest ?? header.experimentDigest,
    planDigest: fold.sessions.findLast(({ planDigest }) => planDigest !== undefined)?.planDigest ?? header.planDigest,
    total: now?.total ?? header.total,
    share: now?.share ?? header.share,
    retried: fold.retries,
    isRunning: findRunning(folder) !== undefined,
    tally: own,
  };
}

/** Settled jobs of all, and how many of them stand in several journals. Comparable where the pool is the same. */
function countSettled(journals: readonly Journal[]): {
  readonly settled: number;
  readonly twice: number;
  readonly repeated: ReportParts['repeated'];
} {
  const seen = new LastLines();
  // How often a job is settled beyond once, by its index.
  const more = new Map<JobIndex, number>();
  let sum = 0;
  for (const { fold } of journals) {
    for (const { lines } of fold.eras) {
      sum += lines.size;
      if (lines === fold.now.lines) {
        lines.forEach((job) => {
          if (seen.has(job)) more.set(job, (more.get(job) ?? 0) + 1);
          seen.set(job, 1);
        });
      }
    }
  }
  const inNow = journals.reduce((total, { fold }) => total + fold.now.lines.size, 0);
  const twice = inNow - seen.size;
  return { settled: sum - twice, twice, repeated: countRepeated(journals, more) };
}

/** A job that succeeded anywhere has succeeded; one that did not has failed once. */
function countRepeated(journals: readonly Journal[], more: ReadonlyMap<JobIndex, number>): ReportParts['repeated'] {
  let [done, failed] = [0, 0];
  for (const [job, times] of more) {
    const failures = journals.filter(({ fold }) => fold.now.failures.has(job)).length;
    const successes = times + 1 - failures;
    done += Math.max(0, successes - 1);
    failed += successes > 0 ? failures : failures - 1;
  }
  return { done, failed };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
