import type { DispatchPolicy } from '../../src/core/dispatch/policy.ts';
import type { Random } from '../../src/core/random.ts';

/** What a simulated job does. */
export type JobKind =
  /** Returns its row. */
  | { readonly kind: 'good' }
  /** Throws at its first attempts. */
  | { readonly kind: 'thrower'; readonly times: number }
  /** Kills its worker, by a crash or by want of memory. */
  | { readonly kind: 'killer'; readonly cause: 'crash' | 'memory' }
  /** Never ends. */
  | { readonly kind: 'sleeper' }
  /** Takes about as long as the time limit: answer and kill cross. */
  | { readonly kind: 'laggard' }
  /** Returns its row; a little later its worker dies. */
  | { readonly kind: 'bomber' }
  /** Kills its worker, unless it is the first job there. */
  | { readonly kind: 'latecomer' };

/** How a job must have ended, whatever went wrong around it; `attempts`: exactly so many were made. */
export interface Fate {
  readonly found: readonly string[];
  readonly attempts: number | undefined;
}

export function fateOf(job: JobKind, { retries, crashLimit }: DispatchPolicy): Fate {
  switch (job.kind) {
    case 'good':
    case 'bomber':
    case 'latecomer':
      return { found: ['rows'], attempts: 1 };
    case 'thrower':
      return job.times > retries
        ? { found: ['error'], attempts: retries + 1 }
        : { found: ['rows'], attempts: job.times + 1 };
    case 'killer':
      return { found: [job.cause], attempts: crashLimit };
    case 'sleeper':
      return { found: ['timeout'], attempts: retries + 1 };
    case 'laggard':
      return { found: ['rows', 'timeout'], attempts: undefined };
  }
}

/** The kinds of a pool; again a swarm: in each pool only some of them occur. */
export function drawJobs(random: Random, total: number): readonly JobKind[] {
  const share = (most: number): number => (random() < 0.6 ? 0 : random() * most);
  const throwers = share(0.4);
  const killers = throwers + share(0.3);
  const sleepers = killers + share(0.15);
  const laggards = sleepers + share(0.3);
  const bombers = laggards + share(0.3);
  const latecomers = bombers + share(0.3);
  return Array.from({ length: total }, (): JobKind => {
    const draw = random() * Math.max(1, latecomers);
    if (draw < throwers) return { kind: 'thrower', times: random.int(1, 4) };
    if (draw < killers) return { kind: 'killer', cause: random() < 0.5 ? 'crash' : 'memory' };
    if (draw < sleepers) return { kind: 'sleeper' };
    if (draw < laggards) return { kind: 'laggard' };
    if (draw < bombers) return { kind: 'bomber' };
    return draw < latecomers ? { kind: 'latecomer' } : { kind: 'good' };
  });
}
