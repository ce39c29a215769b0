/** Runs all contenders in turn, `rounds` times (A B C A B C …): what disturbs the machine disturbs all alike. */
export function interleave<Value>(
  contenders: ReadonlyMap<string, () => Value>,
  rounds: number,
  tell: (line: string) => void,
): ReadonlyMap<string, readonly Value[]> {
  const values = new Map<string, Value[]>([...contenders.keys()].map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [name, run] of contenders) {
      const startedMs = performance.now();
      values.get(name)?.push(run());
      tell(`round ${round} of ${rounds}: ${name}, ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
    }
  }
  return values;
}

/** The middle one; of an even number the mean of the two in the middle. Throws if there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new Error('Internal error: the median of nothing');
  return (low + high) / 2;
}
