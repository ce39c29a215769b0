import { fixtureExecutable } from '../../test/fixtures/executable.ts';
import { runKillRounds } from '../../test/fixtures/kill-rounds.ts';
import { runTask } from '../report.ts';

/** Kills a real run at random moments (ROUNDS=300, SEED= for the same moments again) and checks what comes of it. */
await runTask(async () => {
  const rounds = Number(process.env.ROUNDS || 300);
  const seed = process.env.SEED || String(Date.now());
  process.stdout.write(`seed ${seed}\n`);
  const startedMs = performance.now();
  const { starts, kills } = await runKillRounds(await fixtureExecutable(), rounds, seed, (line) =>
    process.stdout.write(line),
  );
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  process.stdout.write(`${rounds} rounds, ${starts} starts, ${kills} kills, nothing lost or twice; ${seconds} s\n`);
  return 0;
});
