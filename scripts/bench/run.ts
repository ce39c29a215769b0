import { RecipeError } from '../../build/recipe-error.ts';
import type { Bench, Claim, Finding, Report } from './claim.ts';
import { campaign } from './claims/campaign.ts';
import { efficiency } from './claims/efficiency.ts';
import { eta } from './claims/eta.ts';
import { flatness } from './claims/flatness.ts';
import { idle } from './claims/idle.ts';
import { looking } from './claims/looking.ts';
import { memory } from './claims/memory.ts';
import { merge } from './claims/merge.ts';
import { packaging } from './claims/packaging.ts';
import { peers } from './claims/peers.ts';
import { perJob } from './claims/per-job.ts';
import { resume } from './claims/resume.ts';
import { smallRuns } from './claims/small-runs.ts';
import { start } from './claims/start.ts';
import { uneven } from './claims/uneven.ts';
import { describeMachine } from './harness/machine.ts';
import { renderTable } from './harness/table.ts';

const claims: readonly Claim[] = [
  perJob,
  peers,
  smallRuns,
  flatness,
  efficiency,
  start,
  memory,
  resume,
  merge,
  idle,
  uneven,
  campaign,
  looking,
  eta,
  packaging,
];

interface Answer {
  readonly claim: Claim;
  readonly report: Report;
  readonly failed: boolean;
}

export function chooseClaims(only: string | undefined): readonly Claim[] {
  const chosen = claims.filter(({ name }) => !only || name === only);
  if (chosen.length > 0) return chosen;
  throw new RecipeError(`ONLY=${only} is no claim; known: ${claims.map(({ name }) => name).join(', ')}`);
}

/** Measures the claims, one after the other: Markdown, and whether all scripts worked. */
export function runClaims(chosen: readonly Claim[], bench: Bench): { readonly text: string; readonly worked: boolean } {
  const answers = chosen.map((claim) => runClaim(claim, bench));
  const findings = answers.flatMap(({ report }) => report.findings);
  const text = [
    '# Benchmarks',
    bench.smoke
      ? 'A SMOKE round with tiny numbers: it shows that the scripts work; its times mean nothing.'
      : 'Written by `make bench`. Journal, results.csv with the default meta columns (Run Start Time, Job Running Time, Job Start Time, Job ID), log, progress and board are on.',
    `Contenders take turns, ${bench.rounds} rounds (at most 3 where runs are long); figures are medians. The program's workers run at its default nice 19, peers at 0: on a machine that does other work, that tells against the program.`,
    describeMachine(bench.peers, new Date()),
    '## Claims',
    renderTable(['what', 'target', 'measured', 'the least program', 'reached'], findings.map(rowOf)),
    'The least program (`scripts/bench/peers/least.cjs`) does what no program of this kind can do without, in the same rounds: two processes of Node.js, batches, rows in results.csv and in a synced journal. It has no plan, digest, shuffle, resume, retries, limits, checks, board, log or status. A cleverer one may be somewhat faster; a target that it misses by far is out of reach on this machine.',
    ...answers.flatMap(({ claim, report }) => [`## ${claim.title} (\`${claim.name}\`)`, ...report.details]),
  ].join('\n\n');
  return { text: `${text}\n`, worked: answers.every(({ failed }) => !failed) };
}

/** A script that fails must not cost the figures of the others. */
function runClaim(claim: Claim, bench: Bench): Answer {
  try {
    const tell = (line: string): void => bench.tell(`${claim.name}: ${line}`);
    return { claim, report: claim.run({ ...bench, tell }), failed: false };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    bench.tell(`${claim.name} FAILED: ${why}`);
    const finding = { what: claim.title, target: '', measured: 'could not be measured', reached: undefined };
    return { claim, report: { findings: [finding], details: [`Could not be measured: ${why}`] }, failed: true };
  }
}

function rowOf({ what, target, measured, least = '–', reached }: Finding): readonly string[] {
  return [what, target, measured, least, reached === undefined ? 'not measured' : reached ? 'yes' : 'no'];
}
