import type { EngineAddress } from '../config/engine-address.ts';
import { whyNoMachineName } from '../config/machine-name.ts';
import { escapeText } from '../core/escape-text.ts';
import { formatCount, formatCountOf } from '../core/format-count.ts';
import { machineName } from '../core/ids.ts';
import { encodeJson } from '../core/json.ts';
import type { OnConflict } from '../core/merge/choose.ts';
import type { MachineCount } from '../core/merge/proof.ts';
import { type MergeEnd, mergeJournals } from '../run/merge/merge.ts';
import type { MergeReport, MergeRequest, TableFormat } from '../run/merge/merge-request.ts';
import { allMachines, type Prepared } from '../run/prepare.ts';
import { describeMissing, describeOpen } from './describe-missing.ts';
import { meansEngine, readEngine } from './engine-flag.ts';
import { exitCodes } from './exit-codes.ts';
import { findFoldersBeside } from './folders-beside.ts';
import { type CommonFlags, type Program, prepare } from './run-command.ts';
import { say, sayDiagnostics, sayField } from './say.ts';

export interface MergeFlags extends CommonFlags {
  readonly partial?: boolean;
  readonly format: readonly TableFormat[];
  /** `first`, or a machine's name. */
  readonly onConflict?: string;
}

/** Joins run folders, or all beside the three files; returns the exit code. */
export async function mergeCommand(program: Program, named: readonly string[], flags: MergeFlags): Promise<number> {
  const onConflict = readOnConflict(flags.onConflict);
  if (onConflict === 'unusable') {
    say(`--on-conflict: ${JSON.stringify(flags.onConflict)} is neither "first" nor a machine's name`);
    return exitCodes.usage;
  }
  const given = named.length > 0 ? named : findFoldersBeside('merge', program);
  if (given === undefined) return exitCodes.usage;
  if (named.length === 0) sayField(`Folders     ${spellFolders(given)}`);
  const prepared = await prepare(program, flags.set, { folders: given, looksBack: true });
  if (typeof prepared === 'number') return prepared;
  return mergeAndTell(program, prepared, given, { ...flags, onConflict });
}

/** An array may have thousands of shares. */
const foldersShown = 20;

function spellFolders(folders: readonly string[]): string {
  const more = folders.length - foldersShown;
  const shown = folders.slice(0, foldersShown).map(escapeText).join(', ');
  return more > 0 ? `${shown} and ${formatCount(more)} more` : shown;
}

/** Joins run folders of what is planned; returns the exit code. */
export async function mergeAndTell(
  program: Program,
  prepared: Prepared,
  given: readonly string[],
  { onConflict, ...flags }: Pick<MergeFlags, 'partial' | 'format'> & { readonly onConflict: OnConflict | undefined },
): Promise<number> {
  const request = {
    ...program,
    prepared,
    given: given.filter((word) => !meansEngine(word)),
    formats: flags.format,
    onConflict,
    isPartial: flags.partial === true,
  };
  const end = await mergeAll(request, given.filter(meansEngine));
  if (end.kind === 'merged') return showReport(end.report, prepared, flags.partial === true);
  return showRefusal(end);
}

/** Campaigns, too, where servers are among what was given. */
async function mergeAll(request: MergeRequest, engines: readonly string[]): Promise<MergeEnd> {
  if (engines.length === 0) return mergeJournals(request);
  const addresses: EngineAddress[] = [];
  for (const engine of engines) {
    const address = readEngine(engine);
    if (!address.ok) return { kind: 'unusable', diagnostics: address.diagnostics };
    addresses.push(address.value);
  }
  const { mergeCampaigns } = await import('../run/engine/merge-campaign.ts');
  return mergeCampaigns(request, addresses);
}

function readOnConflict(text: string | undefined): OnConflict | undefined | 'unusable' {
  if (text === undefined) return undefined;
  if (text === 'first') return { kind: 'first' };
  if (text.toUpperCase() === 'N/A') return { kind: 'machine', machine: allMachines };
  return whyNoMachineName(text) === undefined ? { kind: 'machine', machine: machineName(text) } : 'unusable';
}

function showRefusal(end: Exclude<MergeEnd, { readonly kind: 'merged' }>): number {
  if (end.kind === 'locked') {
    const { host, pid } = end.holder;
    say(`${end.folder} is being merged already, on ${host} by process ${pid}; wait for it.`);
    return exitCodes.alreadyRunning;
  }
  sayDiagnostics(end.diagnostics);
  if (end.kind === 'conflict') return exitCodes.incomplete;
  return end.kind === 'mismatch' ? exitCodes.mismatch : exitCodes.usage;
}

function showReport(report: MergeReport, prepared: Prepared, isPartial: boolean): number {
  const { proof, summary, folder, notices, fileProblems, missing } = report;
  for (const text of notices) say(escapeText(text));
  for (const problem of proof.problems) say(`warning: ${escapeText(problem)}`);
  for (const count of proof.machines) say(spellMachine(count, report.equalOf.get(count.machine) ?? 0));
  showEvidence(report);
  if (report.keptEarlier)
    say(`Kept        ${folder} as it was: an earlier merge, in which no job is missing; --partial replaces it`);
  else {
    say(`Results     ${folder}: ${formatCountOf(proof.rows, 'row')} of ${formatCountOf(proof.jobs.done, 'job')}`);
    say(`Proof       ${proof.results} (proof.json)`);
    if (summary.reduced !== undefined) say(`Reduced     ${encodeJson(summary.reduced)}`);
  }
  const isNobodys = report.isOfCampaign || report.openCampaigns.length > 0;
  for (const line of isNobodys ? describeOpen(report) : describeMissing(missing, prepared, Date.now())) say(line);
  if (fileProblems.length > 0) say(`Files       ${formatCount(fileProblems.length)} are not as recorded, see above`);
  if (proof.jobs.failed > 0) say(`Settled, ${formatCount(proof.jobs.failed)} failed: failed.csv`);
  if (report.reduceProblem !== undefined) say(escapeText(report.reduceProblem));
  if (proof.complete) say(`Complete    ${spellAll(proof.jobs.total)} succeeded, exactly one result counts`);
  return exitCodeOf(report, isPartial);
}

const spellAll = (jobs: number): string => (jobs === 1 ? 'the job' : `each of the ${formatCountOf(jobs, 'job')}`);

function spellMachine({ machine, done, failed }: MachineCount, equal: number): string {
  const counts = `${escapeText(machine)}: ${formatCount(done)} done, ${formatCount(failed)} failed`;
  return equal === 0 ? counts : `${counts}; ${formatCount(equal)} more count for others, who have the same results`;
}

function showEvidence({ proof: { checked, conflicts, codes } }: MergeReport): void {
  if (Object.keys(codes).length > 1) {
    const counts = Object.entries(codes).map(
      ([code, count]) => `${formatCount(count)} ${escapeText(code.slice(0, 16))}`,
    );
    say(`Code        ${counts.join(', ')}`);
  }
  if (checked.equalDuplicates > 0)
    say(`Evidence    ${formatCountOf(checked.equalDuplicates, 'job')} computed more than once, with equal results`);
  if (checked.ofOtherCode > 0)
    say(`Other code  gave ${formatCountOf(checked.ofOtherCode, 'other result')}, not counted`);
  if (conflicts.count > 0)
    say(`Conflicts   ${formatCountOf(conflicts.count, 'job')}, decided by ${conflicts.decidedBy}; see proof.json`);
}

function exitCodeOf({ proof, fileProblems, reduceProblem }: MergeReport, isPartial: boolean): number {
  if ((proof.jobs.missing > 0 || fileProblems.length > 0) && !isPartial) return exitCodes.incomplete;
  if (reduceProblem !== undefined) return exitCodes.usage;
  return proof.jobs.failed > 0 ? exitCodes.jobsFailed : exitCodes.done;
}
