const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];
const ticksMax = 9;

/** Round times, ascending. */
const round: readonly number[] = [
  ...[0.001, 0.01, 0.1, 1, 10, 100].flatMap((decade) => [decade, 2 * decade, 5 * decade]),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * minute),
  ...[1, 2, 5, 10].map((count) => count * hour),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000].map((count) => count * day),
];

/** Where an axis of times in the logarithm is marked: round times, or evenly where there are too few of them. */
export function durationTicks(minMs: number, maxMs: number): readonly number[] {
  const within = round.filter((ms) => ms >= minMs && ms <= maxMs);
  if (within.length >= 3) return thin(within);
  const steps = 4;
  return Array.from({ length: steps + 1 }, (_, at) => minMs * (maxMs / minMs) ** (at / steps));
}

function thin(ticks: readonly number[]): readonly number[] {
  const step = Math.ceil(ticks.length / ticksMax);
  return ticks.filter((_, at) => at % step === 0);
}
