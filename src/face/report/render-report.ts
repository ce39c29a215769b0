import { createHash } from 'node:crypto';
import { escapeText } from '../../core/escape-text.ts';
import { formatCountOf } from '../../core/format-count.ts';
import type { Report } from '../../core/report/report.ts';
import { Html, html, spellScriptData } from './html.ts';
import type { PageData } from './page-data.ts';
import { environmentSections } from './sections/environment.ts';
import { failuresSection } from './sections/failures.ts';
import { overviewSection } from './sections/overview.ts';
import { plotSections } from './sections/plots.ts';
import { sharesSection } from './sections/shares.ts';
import { spellTime } from './spell.ts';

/** What the recipe makes of `page/`. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

/**
 * One HTML file with everything in it. Its policy (CSP) lets a browser fetch nothing and run nothing but the one script that is
 * named by its hash: text of a job that slipped through the escaping could still do nothing.
 */
export function renderReport(report: Report, { script, style }: PageFiles): string {
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; base-uri 'none'; form-action 'none'`;
  const { experiment, madeAtMs, plots, machines } = report;
  const data: PageData = { plots, machines: machines.map(({ machine }) => escapeText(machine)) };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${experiment}: report</title>
<style>${new Html(style)}</style>
</head>
<body>
<header><h1>${experiment}</h1><p>Report of ${spellTime(madeAtMs)} UTC over ${spellMachines(machines.length)}; all times are UTC.</p></header>
<main>
${overviewSection(report)}
${plotSections(report)}
${sharesSection(report)}
${failuresSection(report)}
${environmentSections(report)}
</main>
<noscript><p>The plots need JavaScript; the tables hold the same.</p></noscript>
<script type="application/json" id="data">${spellScriptData(data)}</script>
<script>${new Html(script)}</script>
</body>
</html>
`.text;
}

const spellMachines = (count: number): string => formatCountOf(count, 'run folder');

/** As a Content-Security-Policy names an inline element. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
