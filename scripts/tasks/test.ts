import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';

/**
 * Runs the tests (ONLY= some): light ones side by side, those that start executables one file at a time. The long ones run where
 * `make check` asks for all (or ONLY names them). Those of the other systems' executables take minutes and privileges: only when asked for.
 */
const wantsTargets = process.env.TESTS === 'targets';
/** Servers, emulators, schedulers and many rounds: some ten minutes together. */
const long = [
  'assets',
  'bench',
  'campaign',
  'campaign-partition',
  'campaign-words',
  'golden-targets',
  'kill-rounds',
  'slurm',
  'ssh',
];
const isLong = (name: string): boolean => long.some((suite) => name === join('e2e', `${suite}.test.ts`));
const isLeft = (name: string): boolean => !process.env.LONG && !process.env.ONLY && isLong(name);
const counts = { passed: 0, failed: 0 };
const skipped: string[] = [];
/** Of each file, what its tests and suites took. */
const secondsOf = new Map<string, number>();
const slowestShown = 12;
const testFolder = join(repositoryFolder, 'test');
const names = readdirSync(testFolder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && name.includes(process.env.ONLY ?? ''))
  .filter((name) => name.startsWith('targets') === wantsTargets)
  .sort();
const files = names.filter((name) => !isLeft(name)).map((name) => join(testFolder, name));
const isHeavy = (file: string): boolean => /^(e2e|targets)/.test(relative(testFolder, file));

async function runFiles(list: readonly string[], concurrency: number): Promise<void> {
  if (list.length === 0) return;
  for await (const { type, data } of run({
    files: [...list],
    concurrency,
    timeout: process.env.SEEDS || wantsTargets ? 7_200_000 : 600_000,
  })) {
    if (type === 'test:stderr' || type === 'test:stdout') process.stdout.write(data.message);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.nesting === 0) addTime(data);
    if (data.skip !== undefined) skipped.push(`${data.name}: ${data.skip}`);
    else if (data.details.type === 'suite') continue;
    else if (type === 'test:pass') counts.passed++;
    else report(data);
  }
}

function addTime({
  file = '',
  details,
}: {
  readonly file?: string;
  readonly details: { readonly duration_ms: number };
}): void {
  secondsOf.set(file, (secondsOf.get(file) ?? 0) + details.duration_ms / 1_000);
}

function describeSlowest(): string {
  const slowest = [...secondsOf].sort(([, a], [, b]) => b - a).slice(0, slowestShown);
  return slowest.map(([file, seconds]) => `${relative(testFolder, file)} ${seconds.toFixed(0)}`).join(', ');
}

function report(data: {
  readonly name: string;
  readonly file?: string;
  readonly details: { readonly error: Error };
}): void {
  counts.failed++;
  const { cause } = data.details.error;
  process.stdout.write(
    `FAILED ${relative(repositoryFolder, data.file ?? '')}: ${data.name}\n${String(cause instanceof Error ? cause.stack : data.details.error)}\n`,
  );
}

await runFiles(
  files.filter((file) => !isHeavy(file)),
  2,
);
await runFiles(files.filter(isHeavy), 1);
process.stdout.write(`seconds: ${describeSlowest()}\n`);
const left = names.filter(isLeft);
if (left.length > 0) process.stdout.write(`left to make check (or LONG=1): ${left.join(', ')}\n`);
for (const line of skipped) process.stdout.write(`skipped ${line}\n`);
process.stdout.write(
  `${counts.passed} passed, ${counts.failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}\n`,
);
// In CI every package is there: what is skipped was forgotten, unless it needs a privilege that not everybody has.
const isForgotten = (line: string): boolean => !/: needs (root|the privilege)\b/.test(line);
const forgotten = process.env.SKIP_FAILS === '1' && skipped.some(isForgotten);
process.exitCode = counts.failed > 0 || counts.passed === 0 || forgotten ? 1 : 0;
