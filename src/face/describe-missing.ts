import { basename } from 'node:path';
import { shareOfName } from '../core/equal-shares.ts';
import { escapeText } from '../core/escape-text.ts';
import { formatCount, formatCountOf } from '../core/format-count.ts';
import { quoteWord } from '../core/quote-word.ts';
import type { MergeReport } from '../run/merge/merge-request.ts';
import type { MissingJobs } from '../run/merge/missing.ts';
import { allMachines, type Prepared } from '../run/prepare.ts';
import { runFolderOf } from '../run/share-request.ts';
import { formatTimeOfDay } from './format.ts';

/** Which jobs are missing, of which machine, and what to do about it. */
export function describeMissing(missing: readonly MissingJobs[], prepared: Prepared, nowMs: number): readonly string[] {
  return missing.flatMap((jobs) => {
    const name = jobs.machine === allMachines ? 'N/A (all jobs)' : escapeText(jobs.machine);
    const heading = `Missing     ${formatCountOf(jobs.count, 'job')} of ${name}: ${spellRuns(jobs)}`;
    return [heading, `            ${describeWayOut(jobs, name, prepared, nowMs)}`];
  });
}

/** The same where the missing jobs belong to no machine: whoever takes part in the campaign computes them. */
export function describeOpen({ missing, openCampaigns }: MergeReport): readonly string[] {
  const lines = missing.map((jobs) => `Missing     ${formatCountOf(jobs.count, 'job')}: ${spellRuns(jobs)}`);
  if (missing.length === 0) return lines;
  const campaigns = openCampaigns.map(({ where, settled, total, atWork }) => {
    const how =
      atWork.length > 0
        ? `at work: ${atWork.map(escapeText).join(', ')}; merge again when they are done`
        : 'no machine is at work: start one (--engine …), then merge again';
    return `${where}: ${formatCount(settled)} of ${formatCountOf(total, 'job')} settled; ${how}`;
  });
  const folders = 'machines took these jobs from a campaign: merge it (merge nats://…), or the folders of all of them';
  return [...lines, ...(campaigns.length > 0 ? campaigns : [folders]).map((line) => `            ${line}`)];
}

function describeWayOut(
  { machine, lastHeardMs }: MissingJobs,
  name: string,
  prepared: Prepared,
  nowMs: number,
): string {
  const folder = basename(runFolderOf(prepared, machine));
  const start = `start it again (${flagOf(machine, prepared)})`;
  const rescue =
    machine === allMachines ? '' : `; or, if it is gone, run \`rescue --lost ${quoteWord(machine)} FOLDERS…\``;
  if (lastHeardMs === undefined)
    return `no journal of ${name} was given: copy ${folder} here and merge again, or ${start}${rescue}`;
  return `${name} was last heard of ${formatDay(lastHeardMs, nowMs)}: ${start}, then merge again${rescue}`;
}

/** What says to a start that it is this machine's. */
function flagOf(machine: string, { equalShares }: Prepared): string {
  const share = equalShares === undefined ? undefined : shareOfName(machine);
  if (share !== undefined) return `--share ${share.index}/${share.count}`;
  return `--machine ${machine === allMachines ? 'N/A' : quoteWord(machine)}`;
}

function formatDay(atMs: number, nowMs: number): string {
  const isToday = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  return `${isToday ? 'today at' : 'on'} ${formatTimeOfDay(atMs, nowMs)}`;
}

/** `5, 9, 17–20, …` */
function spellRuns({ first, count }: MissingJobs): string {
  const shown = first.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  const runs = first.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`));
  return [...runs, ...(shown < count ? ['…'] : [])].join(', ');
}
