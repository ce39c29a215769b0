import { basename, join, resolve } from 'node:path';
import { escapeMachineName } from '../config/machine-name.ts';
import { escapeText } from '../core/escape-text.ts';
import { formatCount, formatCountOf } from '../core/format-count.ts';
import { quotePath } from '../core/quote-word.ts';
import { type HeldAgainst, type Verification, verifyResults } from '../run/verify.ts';
import { exitCodes } from './exit-codes.ts';
import { say, sayDiagnostics } from './say.ts';

type Unmerged = Extract<Verification, { readonly kind: 'unmerged' }>;

/** Says whether these are the results that were proved; returns the exit code. */
export function verifyCommand(results: string, proof: string | undefined): number {
  const verified = verifyResults(results, proof);
  if (!verified.ok) {
    sayDiagnostics(verified.diagnostics);
    return exitCodes.usage;
  }
  if (verified.value.kind === 'bad-proof') {
    say(escapeText(verified.value.problem));
    say('Nothing is verified: take the proof.json that merge wrote, or merge again.');
    return exitCodes.incomplete;
  }
  if (verified.value.kind === 'unmerged') return sayUnmerged(results, verified.value);
  const { difference, headerDiffers } = verified.value;
  if (headerDiffers) say('The header is another one than merge wrote; it is not part of the proof.');
  if (difference === undefined) return showVerified(results, verified.value);
  const { job, line, what } = difference;
  const where = line === undefined ? '' : `:${line}`;
  const subject = job === undefined ? '' : `job ${job} is the first that differs: `;
  say(`${results}${where}: ${subject}${escapeText(what)}`);
  say('These are NOT the results that were proved.');
  return exitCodes.incomplete;
}

function sayUnmerged(results: string, { folder, experiment }: Unmerged): number {
  const name = folder === results ? 'results.csv' : basename(results);
  say(
    `${escapeText(resolve(folder))} is a run folder: only merged results have a proof. Merge it first, with those of other machines:`,
  );
  say(`  merge ${quotePath(folder)}`);
  say(`  verify ${quotePath(join(`${escapeMachineName(experiment)}.merged`, name))}`);
  return exitCodes.usage;
}

function showVerified(results: string, { proof, proofPath }: HeldAgainst): number {
  const { jobs, rows } = proof;
  say(
    `Verified    ${results}: ${formatCountOf(rows, 'row')} of ${formatCountOf(jobs.done, 'job')}, as ${proofPath} proves`,
  );
  say(`Proof       ${escapeText(proof.results)}`);
  if (!proof.complete) {
    const parts = `${formatCount(jobs.failed)} failed, ${formatCount(jobs.missing)} missing`;
    say(`Not complete: of ${formatCountOf(jobs.total, 'job')} ${parts} when it was merged.`);
  }
  return exitCodes.done;
}
