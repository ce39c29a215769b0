/** One worker process: the time from its first job to its last. */
export interface Lifetime {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Lays worker processes on as few rows as possible: a worker that died makes room for the one that took its place, so
 * there are about as many rows as cores. Interval partitioning by starts; the earliest free row is taken.
 */
export function layLanes<Worker extends Lifetime>(workers: readonly Worker[]): readonly (readonly Worker[])[] {
  const lanes: { readonly workers: Worker[]; endMs: number }[] = [];
  for (const worker of workers.toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)) {
    const free = lanes.find(({ endMs }) => endMs <= worker.fromMs);
    if (free === undefined) {
      lanes.push({ workers: [worker], endMs: worker.toMs });
      continue;
    }
    free.workers.push(worker);
    free.endMs = worker.toMs;
  }
  return lanes.map((lane) => lane.workers);
}
