import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { repositoryFolder } from '../../build/folders.ts';
import type { Violation } from '../../test/simulation/rounds.ts';

/** SEEDS=1000000 make simulate: that many seeds on all cores. SEED=17 make simulate replays one, TRACE=1 with all that happens. */
const child = join(repositoryFolder, 'test', 'simulation', 'child.ts');
const seeds = Number(process.env.SEEDS || 100_000);
const blockSeeds = 2_000;
const progressMs = 10_000;

async function simulateAll(): Promise<number> {
  const startedMs = performance.now();
  const seconds = (): string => ((performance.now() - startedMs) / 1_000).toFixed(0);
  const violations: Violation[] = [];
  let next = 0;
  let done = 0;
  const progress = setInterval(() => process.stderr.write(`${done} of ${seeds} seeds, ${seconds()} s\n`), progressMs);
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = fork(child, { env: { ...process.env, SEED: '' } });
      const give = (): void => {
        const [from, to] = [next, Math.min(seeds, next + blockSeeds)];
        next = to;
        if (from < to) worker.send({ from, to });
        else worker.disconnect();
      };
      worker.on('message', (message: { readonly count: number; readonly violations: readonly Violation[] }) => {
        done += message.count;
        violations.push(...message.violations);
        give();
      });
      worker.on('error', reject);
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a child ended with exit code ${code}`))));
      give();
    });
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  clearInterval(progress);
  for (const { seed, message } of violations.slice(0, 100)) {
    process.stdout.write(`SEED=${seed} TRACE=1 make simulate\n    ${message.split('\n').join('\n    ')}\n`);
  }
  process.stdout.write(`${done} seeds, ${violations.length} violations, ${seconds()} s\n`);
  return violations.length === 0 ? 0 : 1;
}

/** In this process, so that a debugger and a stack can be used. */
async function replay(seed: string): Promise<number> {
  const { tryWorld } = await import('../../test/simulation/rounds.ts');
  const write = process.env.TRACE ? (line: string): void => void process.stdout.write(`${line}\n`) : undefined;
  const message = tryWorld(seed, undefined, write);
  process.stdout.write(message === undefined ? `seed ${seed}: no violation\n` : `seed ${seed}: ${message}\n`);
  return message === undefined ? 0 : 1;
}

const valid = Number.isSafeInteger(seeds) && seeds > 0;
if (!valid) process.stderr.write('SEEDS must be a whole number above 0\n');
process.exitCode = !valid ? 2 : process.env.SEED ? await replay(process.env.SEED) : await simulateAll();
