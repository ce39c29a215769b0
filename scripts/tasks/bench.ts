import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder } from '../../build/folders.ts';
import { RecipeError } from '../../build/recipe-error.ts';
import { buildProgram } from '../bench/harness/program.ts';
import { assertPython } from '../bench/harness/python.ts';
import { findPeers, installPeers } from '../bench/peers.ts';
import { chooseClaims, runClaims } from '../bench/run.ts';
import { runTask } from '../report.ts';

/** Measures every claim about speed (ONLY= one); a full round writes docs/BENCHMARKS.md. */
await runTask(async () => {
  const { ONLY, ROUNDS, SCALE, SMOKE } = process.env;
  const smoke = SMOKE === '1';
  const rounds = Number(ROUNDS || (smoke ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw new RecipeError(`ROUNDS=${ROUNDS}: a whole number above 0`);
  const scale = Number(SCALE || 1);
  if (![1, 0.1, 0.01].includes(scale)) throw new RecipeError(`SCALE=${SCALE}: 1, 0.1 or 0.01`);
  const chosen = chooseClaims(ONLY);
  assertPython();
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  if (!smoke) installPeers(tell);
  const peers = findPeers(smoke);
  for (const { name, version } of peers) if (version === undefined) tell(`${name} is absent`);
  const { text, worked } = runClaims(chosen, { program: await buildProgram(), peers, rounds, scale, smoke, tell });
  process.stdout.write(text);
  if (worked && !smoke && !ONLY && scale === 1) writeFileSync(join(repositoryFolder, 'docs', 'BENCHMARKS.md'), text);
  return worked ? 0 : 1;
});
