import { citeRun } from '../../../core/report/citation.ts';
import type { Report } from '../../../core/report/report.ts';
import { type Html, html, lines, table } from '../html.ts';
import { spellTime } from '../spell.ts';

const sessionsShown = 200;

/** Where it ran, by which code, and what to write in a paper. */
export function environmentSections(report: Report): Html {
  return html`<section aria-labelledby="environment"><h2 id="environment">Environment and digests</h2>
${digestsTable(report)}
${sessionsTable(report)}
</section>
<section aria-labelledby="cite"><h2 id="cite">To cite</h2>
<pre class="prose">${lines(citeRun(report))}</pre>
</section>`;
}

function digestsTable({ runs }: Report): Html {
  const code = (text: string): Html => html`<code>${text}</code>`;
  const rows = runs.map(({ tally, experimentDigest, planDigest, header, sessions }) => [
    tally.machine,
    code(experimentDigest),
    code(planDigest),
    code(sessions.at(-1)?.codeFingerprint ?? 'unknown'),
    code(header.seed),
    header.stream === 'per-job' ? 'one per job' : 'same for all jobs',
  ]);
  return table('Digests', ['Machine', 'Experiment', 'Plan', 'Code', 'Seed', '`random`'], rows);
}

function sessionsTable({ runs }: Report): Html {
  const all = runs.flatMap(({ tally, sessions }) =>
    sessions.map((session) => ({ machine: tally.machine, ...session })),
  );
  const rows = all
    .slice(-sessionsShown)
    .map(({ machine, startedAtMs, host, pid, cores, target, versions, codeFingerprint }) => [
      machine,
      spellTime(startedAtMs),
      host,
      String(pid),
      String(cores),
      target,
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
      html`<code>${codeFingerprint.slice(0, 16)}</code>`,
    ]);
  const caption = all.length > rows.length ? `The last ${rows.length} of ${all.length} starts` : 'Starts';
  return table(caption, ['Machine', 'Started (UTC)', 'Host', 'Process', 'Cores', 'System', 'Versions', 'Code'], rows);
}
