import { runChaos } from '../../test/fixtures/campaign-chaos.ts';
import { fixtureExecutable } from '../../test/fixtures/executable.ts';
import { runTask } from '../report.ts';

/** Kills and freezes server and machines of campaigns at random moments (ROUNDS=100, SEED= for the same moments again). */
await runTask(async () => {
  const rounds = Number(process.env.ROUNDS || 100);
  const seed = process.env.SEED || String(Date.now());
  process.stdout.write(`seed ${seed}\n`);
  const startedMs = performance.now();
  const figures = await runChaos(await fixtureExecutable(), rounds, seed, (line) => process.stdout.write(line));
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  process.stdout.write(`${JSON.stringify(figures)}, nothing lost or recorded twice; ${seconds} s\n`);
  return 0;
});
