import type { Report } from '../../../core/report/report.ts';
import { measuredMin, type WeightAdvice } from '../../../core/report/suggest-weights.ts';
import { bar, type Html, html, lines, table } from '../html.ts';
import { spellCount, spellNumber, spellPart, spellSpan } from '../spell.ts';

/** What each machine was given, and what it should be given the next time. */
export function sharesSection(report: Report): Html {
  const { weights, isShuffled } = report;
  return html`<section aria-labelledby="shares"><h2 id="shares">Shares and weights</h2>
<p>${adviceOf(report)}</p>
${isShuffled ? undefined : html`<p>The jobs were not shuffled ([run] order): the machines had different jobs, so their times do not compare their speeds.</p>`}
${table('Shares against weights', heads, rowsOf(weights))}
${snippetOf(report)}
</section>`;
}

const heads = [
  'Machine',
  'Cores',
  'Weight',
  'Share of jobs',
  'Fair share',
  'Mean time of a job',
  'Suggested weight',
  'Time for its share',
];

function rowsOf(weights: readonly WeightAdvice[]): readonly (readonly (string | Html)[])[] {
  const jobs = weights.reduce((sum, it) => sum + it.jobs, 0);
  const power = weights.reduce((sum, { suggested = 0, cores }) => sum + suggested * cores, 0);
  const longestMs = Math.max(1, ...weights.map(({ shareMs = 0 }) => shareMs));
  return weights.map((it) => {
    const share = jobs === 0 ? 0 : it.jobs / jobs;
    const fair = it.suggested === undefined ? undefined : (it.suggested * it.cores) / power;
    return [
      it.machine,
      spellCount(it.cores),
      it.weight === undefined ? '–' : spellNumber(it.weight),
      html`${bar(share, 'plan')} ${spellPart(share)}`,
      fair === undefined ? '–' : html`${bar(fair, 'real')} ${spellPart(fair)}`,
      spellMean(it),
      spellSuggestion(it),
      it.shareMs === undefined ? '–' : html`${bar(it.shareMs / longestMs, 'real')} ${spellSpan(it.shareMs)}`,
    ];
  });
}

function spellMean({ meanMs, errorMs }: WeightAdvice): string {
  if (meanMs === undefined) return '–';
  return errorMs === undefined ? spellSpan(meanMs) : `${spellSpan(meanMs)} ± ${spellSpan(errorMs)}`;
}

function spellSuggestion({ suggested, error }: WeightAdvice): string {
  if (suggested === undefined) return `– (fewer than ${measuredMin} jobs)`;
  return error === undefined ? spellNumber(suggested) : `${spellNumber(suggested)} ± ${spellPart(error)}`;
}

/** Less than this is chance, and not worth another plan. */
const imbalanceMin = 0.03;

function adviceOf({ weights, imbalance }: Report): string {
  if (weights.length < 2) return 'One machine: there is nothing to balance.';
  if (imbalance === undefined) return `Speeds can be compared when two machines have done ${measuredMin} jobs each.`;
  if (imbalance < imbalanceMin) return 'The weights fit: all machines need about the same time for their shares.';
  const slowest = weights.reduce((most, it) => ((it.shareMs ?? 0) > (most.shareMs ?? 0) ? it : most));
  return `With these weights ${slowest.machine} ends last, ${spellPart(imbalance)} later than if the shares were fair. The suggested weights are for the next run: this one's machines.json must stay as it is.`;
}

function snippetOf({ weights, imbalance }: Report): Html | undefined {
  if (imbalance === undefined || imbalance < imbalanceMin) return undefined;
  const entries = weights
    .filter(({ suggested, weight }) => suggested !== undefined || weight !== undefined)
    .map(({ machine, suggested, weight, cores }) => `  ${JSON.stringify(machine)}: [${suggested ?? weight}, ${cores}]`);
  return html`<p>For machines.json:</p><pre>${lines(`{\n${entries.join(',\n')}\n}`)}</pre>`;
}
