import {
  type Curves,
  type Durations,
  type Lane,
  occupancySteps,
  type PlotData,
  type Timeline,
} from '../../../core/report/plot-data.ts';
import type { Report } from '../../../core/report/report.ts';
import { type Html, html, table } from '../html.ts';
import { spellCount, spellNumber, spellPart, spellSpan, spellTime } from '../spell.ts';

const rowsMax = 100;

/** The plots, each with a table that says the same in numbers. What is drawn on them comes from the page's script. */
export function plotSections(report: Report): Html {
  const { plots, machines } = report;
  if (plots === undefined)
    return html`<section><h2>Plots</h2><p>Nothing is drawn before the first job has ended.</p></section>`;
  const names = machines.map(({ machine }) => machine);
  const jobs = spellCount(report.jobs.done + report.jobs.failed);
  return html`<section aria-labelledby="progress"><h2 id="progress">Progress and rate</h2>
${figure('progress', `Settled jobs over time: ${jobs} in the end`, curvesTable('Settled jobs', plots.progress, names, spellCount))}
${figure('rate', `Jobs per second over time, ${rateExtremes(plots.rate)}`, curvesTable('Jobs per second', plots.rate, names, spellNumber))}
</section>
<section aria-labelledby="timeline"><h2 id="timeline">${plots.timeline.isFolded ? 'Machines' : 'Workers'} over time</h2>
<p>The stronger the colour, the busier; a mark below means that jobs failed. Drag over a plot to look closer, click twice to go back. Each machine's own clock.</p>
${figure('lanes', `How busy each ${plots.timeline.isFolded ? 'machine' : 'worker'} was over time`, lanesTable(plots.timeline, names))}
</section>
<section aria-labelledby="durations"><h2 id="durations">Job times</h2>
${durationsTable(report)}
${plots.durations.buckets.length === 0 ? html`<p>No job has succeeded.</p>` : figure('durations', durationsLabel(report), bucketsTable(plots, names))}
${slowestTable(report)}
</section>`;
}

function figure(name: string, label: string, asTable: Html): Html {
  return html`<figure><div class="plot" id="plot-${name}" role="img" aria-label="${label}"></div>
<details><summary>As a table</summary>${asTable}</details></figure>`;
}

/** Long ones are thinned. */
function curvesTable(
  caption: string,
  { timesMs, machines }: Curves,
  names: readonly string[],
  spell: (value: number) => string,
): Html {
  const step = Math.ceil(timesMs.length / rowsMax);
  const last = timesMs.length - 1;
  const rows = timesMs.flatMap((ms, at) => {
    if ((last - at) % step !== 0) return [];
    const values = machines.map((list) => list[at] ?? 0);
    const all = values.reduce((sum, value) => sum + value, 0);
    return [[spellTime(ms), spell(all), ...(names.length > 1 ? values.map(spell) : [])]];
  });
  return table(caption, ['Time (UTC)', 'All', ...(names.length > 1 ? names : [])], rows);
}

function rateExtremes({ timesMs, machines }: Curves): string {
  const sums = timesMs.map((_, at) => machines.reduce((sum, list) => sum + (list[at] ?? 0), 0));
  return `between ${spellNumber(Math.min(...sums))} and ${spellNumber(Math.max(...sums))}`;
}

function lanesTable({ lanes, bins, binMs, isFolded }: Timeline, names: readonly string[]): Html {
  const row = ({ machine, lane, workers, jobs, failed, busyMs, occupancy }: Lane): readonly string[] => {
    const name = names[machine] ?? '';
    const sum = [...occupancy].reduce((total, step) => total + Math.max(0, occupancySteps.indexOf(step)), 0);
    const busy = sum / (occupancySteps.length - 1) / bins;
    const counts = [workers, jobs, failed].map(spellCount);
    return [isFolded ? name : `${name}, worker ${lane}`, ...counts, spellSpan(busyMs), spellPart(busy)];
  };
  const what = isFolded ? 'Machines' : 'Workers';
  const heads = [what, 'Processes', 'Jobs', 'Failed', 'Computing time', 'Busy'];
  return table(`${what} over time, in steps of ${spellSpan(binMs)}`, heads, lanes.map(row));
}

const orDash = (ms: number | undefined): string => (ms === undefined ? '–' : spellSpan(ms));

function durationsTable({ machines }: Report): Html {
  const rows = machines.map(({ machine, jobs, medianMs, meanMs, p95Ms, maxMs }) => [
    machine,
    spellCount(jobs.done),
    ...[medianMs, meanMs, p95Ms, maxMs].map(orDash),
  ]);
  return table('Times of jobs that succeeded', ['Machine', 'Jobs', 'Median', 'Mean', '95 % below', 'Longest'], rows);
}

function durationsLabel({ machines }: Report): string {
  return `Distribution of job times; medians: ${machines.map(({ machine, medianMs }) => `${machine} ${orDash(medianMs)}`).join(', ')}`;
}

function bucketsTable({ durations }: { readonly durations: Durations } & PlotData, names: readonly string[]): Html {
  const rows = durations.buckets.map(({ fromMs, toMs, counts }) => {
    const all = counts.reduce((sum, count) => sum + count, 0);
    return [`${spellSpan(fromMs)} – ${spellSpan(toMs)}`, ...[all, ...(names.length > 1 ? counts : [])].map(spellCount)];
  });
  return table('Jobs by time', ['Time', 'All', ...(names.length > 1 ? names : [])], rows);
}

function slowestTable({ slowest }: Report): Html {
  const rows = slowest.map(({ job, machine, args, attempt, hasFailed, runMs }) => [
    `${job}`,
    spellSpan(runMs),
    machine,
    `${attempt}`,
    hasFailed ? 'failed' : 'done',
    args,
  ]);
  return table('The longest jobs', ['Job ID', 'Time', 'Machine', 'Attempt', 'Ended', 'Arguments'], rows);
}
