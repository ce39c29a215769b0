import { spawnSync } from 'node:child_process';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { escapeText } from '../core/escape-text.ts';

/** Submitting waits for the controller: longer than this it does not answer. */
const answerMs = 120_000;

/** Submits a script, without a shell in between; gives the number of the job. */
export function submitBatch(words: readonly string[], folder: string): Result<string> {
  const { error, status, stdout, stderr } = spawnSync('sbatch', ['--parsable', ...words], {
    cwd: folder,
    encoding: 'utf8',
    timeout: answerMs,
  });
  if (error !== undefined) {
    const isMissing = 'code' in error && error.code === 'ENOENT';
    const hint = isMissing ? 'submit on a host of the cluster' : 'try again, or submit it yourself';
    return refuse(`sbatch ${isMissing ? 'is not on the PATH here' : `does not answer: ${error.message}`}`, hint);
  }
  if (status !== 0) return refuse(`sbatch refuses it: ${lastLineOf(stderr)}`, 'nothing was submitted by this');
  // `17`, or `17;cluster`.
  const [, job] = /^(\d+)(;.*)?$/.exec(stdout.trim()) ?? [];
  return job === undefined ? refuse(`sbatch says ${JSON.stringify(stdout.trim())}`, 'look with squeue') : ok(job);
}

/** The last one is the reason; those before it tell how it came to that. */
function lastLineOf(text: string): string {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  return escapeText(line.replace(/^sbatch: (error|fatal): /, ''));
}

function refuse(message: string, hint: string): Result<never> {
  const diagnostic: Diagnostic = { severity: 'error', message, hint };
  return failed(diagnostic);
}
