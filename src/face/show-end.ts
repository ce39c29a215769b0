import { escapeText } from '../core/escape-text.ts';
import { formatCount, formatCountOf } from '../core/format-count.ts';
import { encodeJson } from '../core/json.ts';
import type { ShareEnd } from '../run/share-request.ts';
import type { Summary } from '../run/summary.ts';
import { lockPath } from '../runtime/run-folder.ts';
import { deadAfterMs } from '../runtime/run-lock.ts';
import { exitCodes } from './exit-codes.ts';
import { formatDuration } from './format.ts';
import { say, sayDiagnostics, sayField } from './say.ts';

type Ended = Extract<ShareEnd, { readonly kind: 'ended' }>;

/** Says how a start ended; returns the exit code. `total`: jobs of the whole pool. `signalled`: that of the signal that stopped it at once. */
export function showEnd(result: ShareEnd, total: number, signalled?: number): number {
  switch (result.kind) {
    case 'locked':
      sayLocked(result);
      return exitCodes.alreadyRunning;
    case 'finished':
      say(`${finished(result.summary)}; nothing was touched.`);
      showSummary(result.summary, result.folder, 0, total);
      adviseOnCode(result.summary);
      return result.summary.jobs.failed > 0 ? exitCodes.jobsFailed : exitCodes.done;
    case 'ended':
      if (isRemade(result)) say(`${finished(result.summary)}; no job ran, what is made of the results was made anew.`);
      sayWhyEnded(result);
      showSummary(result.summary, result.folder, result.left, total);
      if (isRemade(result)) adviseOnCode(result.summary);
      if (!result.teardown.ok) sayDiagnostics(result.teardown.diagnostics);
      return exitCodeOf(result, signalled);
  }
}

/** Not a machine that had nothing to do from the beginning. */
function isRemade({ hasRun, summary }: Ended): boolean {
  return !hasRun && summary.jobs.total > 0;
}

function sayLocked({ folder, host, pid, freeAfterMs }: Extract<ShareEnd, { readonly kind: 'locked' }>): void {
  say(`${folder} is being computed already, on ${host} by process ${pid}; wait for it or stop it first (\`stop\`).`);
  if (freeAfterMs === undefined) return;
  const [lost, left] = [deadAfterMs, freeAfterMs].map((ms) => `${Math.ceil(ms / 1_000)} s`);
  say(`Whether that process lives cannot be asked from here; after ${lost} without a sign of life it counts as dead.`);
  say(`If it is dead: start again in ${left}; or, if you are sure, delete ${lockPath(folder)} and start at once.`);
}

function sayWhyEnded({ end, left }: Ended): void {
  if (end.reason === 'halted') say(`Stopped early: ${end.why}.`);
  if (end.reason === 'workers-cannot-start') say(`No worker can start: ${end.how}`);
  if (end.reason === 'journal-broken') say(`The journal cannot be written: ${end.why}`);
  if (end.reason === 'left-campaign')
    say(`Stopped early: ${escapeText(end.why)}. What was done here is in the journal.`);
  if (end.reason === 'until' && left > 0) say('Stopped early: nothing more would be finished in time (--until).');
}

function showSummary(summary: Summary, folder: string, left: number, total: number): void {
  const { jobs, failures, reduced, startedAt, endedAt, activeMs } = summary;
  const { done, failed, retried } = jobs;
  const parts = [`${formatCount(done)} done`, `${formatCount(failed)} failed`, `${formatCount(retried)} retried`];
  if (left > 0) parts.push(`${formatCount(left)} left (start again to go on)`);
  sayField(`Jobs        ${parts.join(', ')}; ${spellTimes(Date.parse(endedAt) - Date.parse(startedAt), activeMs)}`);
  showCodes(summary);
  say(`Results     ${folder}`);
  const part = done + failed < total ? ` (of these ${formatCount(done)} of ${formatCountOf(total, 'job')})` : '';
  if (reduced !== undefined) say(`Reduced     ${encodeJson(reduced)}${part}`);
  const again = countOfOtherCode(summary) > 0 ? '--retry-failed --accept-code' : '--retry-failed';
  if (failed > 0) say(`Failures    ${spellCounts(failures)}: failed.csv; ${again} tries them again`);
}

/** Shorter pauses are no news. */
const pauseToldMs = 60_000;

/** `3 h 12 min (3 d 2 h with the pauses between starts)` */
function spellTimes(spanMs: number, activeMs = spanMs): string {
  const pauses = spanMs - activeMs < pauseToldMs ? '' : ` (${formatDuration(spanMs)} with the pauses between starts)`;
  return `${formatDuration(activeMs)}${pauses}`;
}

function finished(summary: Summary): string {
  return `Finished already${countOfOtherCode(summary) > 0 ? ', by other code than this' : ''}`;
}

/** Where not all results are of this program's code. */
function showCodes(summary: Summary): void {
  if (countOfOtherCode(summary) === 0) return;
  const { codes, codeFingerprint } = summary;
  const { [codeFingerprint]: ofThis = 0, ...others } = codes;
  const kinds = spellCounts(others, (code) => `by ${code.slice(0, 16)}`);
  sayField(`Code        ${kinds}, ${formatCount(ofThis)} by this code (${codeFingerprint.slice(0, 16)})`);
}

/** For whoever mended the code and would take these results for its own. */
function adviseOnCode(summary: Summary): void {
  const count = countOfOtherCode(summary);
  if (count === 0) return;
  const jobs = count === 1 ? 'the job' : `the ${formatCountOf(count, 'job')}`;
  sayField(`For results of this code: --rerun-older-code runs ${jobs} of other code again, --fresh begins anew.`);
}

function countOfOtherCode({ codes, codeFingerprint }: Summary): number {
  return Object.entries(codes).reduce((sum, [code, jobs]) => (code === codeFingerprint ? sum : sum + jobs), 0);
}

function spellCounts(counts: Readonly<Record<string, number>>, spell = (name: string): string => name): string {
  return Object.entries(counts)
    .map(([name, count]) => `${formatCount(count)} ${spell(name)}`)
    .join(', ');
}

/** `signalled`: as in `showEnd`. */
export function exitCodeOf({ summary, left, end, teardown }: Ended, signalled: number | undefined): number {
  if (end.reason === 'workers-cannot-start') return exitCodes.internal;
  // Nothing that was told is lost: start again when the disk is well.
  if (end.reason === 'journal-broken') return exitCodes.stoppedEarly;
  if (left > 0)
    return end.reason === 'stopped' && end.how === 'now'
      ? (signalled ?? exitCodes.stoppedEarly)
      : exitCodes.stoppedEarly;
  if (!teardown.ok) return exitCodes.usage;
  return summary.jobs.failed > 0 ? exitCodes.jobsFailed : exitCodes.done;
}
