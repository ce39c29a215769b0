import { formatCountOf } from '../../../core/format-count.ts';
import { encodeJson } from '../../../core/json.ts';
import type { FailureCause } from '../../../core/outcome.ts';
import { shorten } from '../../../core/report/argument-counts.ts';
import type { CommonArgument } from '../../../core/report/common-arguments.ts';
import type { FailureReport, Report } from '../../../core/report/report.ts';
import { type Html, html, lines } from '../html.ts';
import { spellCount, spellNumber, spellPart } from '../spell.ts';

const shown = 50;
const [messageCharsMax, stackCharsMax, argsCharsMax] = [500, 4_000, 500];

const causes: Readonly<Record<FailureCause, string>> = {
  error: 'error',
  crash: 'crash',
  timeout: 'time-out',
  memory: 'out of memory',
  unstorable: 'result that cannot be stored',
};

/** Failed jobs, those that failed in the same way together. */
export function failuresSection(report: Report): Html {
  const { failures, otherFailures, jobs } = report;
  const head = html`<h2 id="failures">Failures</h2>`;
  if (jobs.failed === 0)
    return html`<section aria-labelledby="failures">${head}<p>No job has failed for good.</p></section>`;
  const settled = jobs.done + jobs.failed;
  const hidden = otherFailures + failures.slice(shown).reduce((sum, { count }) => sum + count, 0);
  return html`<section aria-labelledby="failures">${head}
<p>${spellCount(jobs.failed)} of ${formatCountOf(settled, 'settled job')} failed for good (${spellPart(jobs.failed / settled)}). Those with the same cause, message and calls stand together; numbers and quoted texts in messages do not count. failed.csv in the run folders lists each.</p>
<ol class="failures">${failures.slice(0, shown).map((group) => groupItem(group, settled))}</ol>
${hidden === 0 ? undefined : html`<p>${spellCount(hidden)} more failed in other ways.</p>`}
</section>`;
}

function groupItem(
  { example, exampleArgs, count, jobs, machines, alike, common }: FailureReport,
  settled: number,
): Html {
  const more = count > jobs.length ? ', …' : '';
  const where = [...machines].map(([machine, failed]) => `${machine} ${spellCount(failed)}`).join(', ');
  return html`<li><h3><span class="count">${spellCount(count)}</span> ${causes[example.cause]}: ${shorten(example.message, messageCharsMax)}</h3>
${common.length === 0 ? undefined : html`<ul>${common.map((it) => html`<li>${spellCommon(it, count, settled)}</li>`)}${spellTogether(common, count, alike)}</ul>`}
<p>Machines: ${where}. Jobs: ${jobs.join(', ')}${more}.</p>
<details><summary>The first of them</summary><p>Arguments: <code>${shorten(encodeJson(exampleArgs), argsCharsMax)}</code></p>
<pre>${lines(shorten(example.stack === '' ? example.message : example.stack, stackCharsMax))}</pre></details></li>\n`;
}

/** What single values do not say: `size` 400 alone may be harmless, and so may `wolff`. */
function spellTogether(common: readonly CommonArgument[], count: number, alike: number | undefined): Html | undefined {
  const shared = common.filter((it) => it.kind === 'value' && it.failed === count);
  if (shared.length < 2 || alike === undefined) return undefined;
  return html`<li>together: ${spellCount(count)} of the ${formatCountOf(alike, 'job')} with all of these failed so</li>`;
}

function spellCommon(common: CommonArgument, count: number, settled: number): Html {
  const name = `argument ${common.position}`;
  if (common.kind === 'range') {
    const { from, to, allFrom, allTo } = common;
    const range = (low: number, high: number): string => `${spellNumber(low)} … ${spellNumber(high)}`;
    return html`${name} is within <strong>${range(from, to)}</strong> in all of them (in all jobs: ${range(allFrom, allTo)})`;
  }
  const all = common.failed === count ? 'all' : spellPart(common.failed / count);
  const rest =
    common.settled === undefined
      ? 'rare among all jobs'
      : `${spellCount(common.failed)} of the ${formatCountOf(common.settled, 'job')} with it failed so, ${spellCount(count - common.failed)} of the other ${spellCount(settled - common.settled)}`;
  return html`${name} is <strong><code>${common.value}</code></strong> in ${all} of them (${rest})`;
}
