import type { MachineReport, Report } from '../../../core/report/report.ts';
import { type Html, html, table } from '../html.ts';
import { spellCount, spellPart, spellSpan, spellTime } from '../spell.ts';

/** What came of it, in large numbers and by machine. */
export function overviewSection(report: Report): Html {
  const { jobs, machines, notes, busyMs, extent } = report;
  const facts: readonly (readonly [string, string])[] = [
    ['done', `${spellCount(jobs.done)} of ${spellCount(jobs.total)}`],
    ['failed', spellCount(jobs.failed)],
    ['left', spellCount(jobs.left)],
    ['tried again', spellCount(jobs.retried)],
    ['computing time', spellSpan(busyMs)],
    ['from first to last job', extent === undefined ? '–' : spellSpan(extent.toMs - extent.fromMs)],
  ];
  return html`<section aria-labelledby="overview"><h2 id="overview">${stateOf(report)}</h2>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${notes.length === 0 ? undefined : html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
${table('Machines', heads, machines.map(rowOf))}
</section>`;
}

const heads = ['Machine', 'Cores', 'Jobs', 'Done', 'Failed', 'Tried again', 'Left', 'Computing time', 'State'];

function rowOf(machine: MachineReport): readonly (string | number)[] {
  const { jobs } = machine;
  const counts = [jobs.total, jobs.done, jobs.failed, jobs.retried, jobs.left].map(spellCount);
  return [machine.machine, machine.cores, ...counts, spellSpan(machine.busyMs), stateOfMachine(machine)];
}

function stateOfMachine({ jobs, isRunning, leftMs }: MachineReport): string {
  if (jobs.left === 0) return 'finished';
  const left = leftMs === undefined ? '' : `, about ${spellSpan(leftMs)} left`;
  return `${isRunning ? 'running' : 'not running'}${left}`;
}

function stateOf({ jobs, machines, extent }: Report): string {
  const settled = jobs.total === 0 ? 0 : (jobs.total - jobs.left) / jobs.total;
  const isRunning = machines.some((machine) => machine.isRunning);
  if (jobs.left === 0) return jobs.failed === 0 ? 'All jobs done' : 'All jobs settled, some failed';
  if (extent === undefined) return isRunning ? 'Running, no job has ended yet' : 'No job has ended yet';
  const longestMs = Math.max(0, ...machines.map(({ leftMs = 0 }) => leftMs));
  const end = longestMs > 0 ? `; about ${spellSpan(longestMs)} left` : '';
  return `${spellPart(settled)} settled at ${spellTime(extent.toMs)} UTC${isRunning ? '' : ', not running'}${end}`;
}
