import { phraseOf } from '../core/phrase.ts';
import { type CommonFlags, type Program, prepare } from './run-command.ts';

/** Shows shares and digests, on stdout. */
export async function planCommand(program: Program, flags: CommonFlags & { readonly json?: boolean }): Promise<number> {
  const prepared = await prepare(program, flags.set);
  if (typeof prepared === 'number') return prepared;
  const { experimentDigest, planDigest, agreement, shares, name, pool, seed } = prepared;
  const list = shares.map(({ machine, from, to }) => ({ machine, jobs: to - from }));
  const digests = { experimentDigest, planDigest, codeFingerprint: program.build.code };
  if (flags.json === true) {
    const all = {
      experiment: name,
      jobs: { total: pool.length },
      ...digests,
      agreement,
      phrase: phraseOf(agreement),
      seed,
      shares: list,
    };
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    return 0;
  }
  for (const { machine, jobs } of list) process.stdout.write(`${machine}: ${jobs} of ${pool.length} jobs\n`);
  process.stdout.write(`${phraseOf(agreement)}\n`);
  for (const [label, digest] of Object.entries(digests)) process.stdout.write(`${label} ${digest}\n`);
  return 0;
}
