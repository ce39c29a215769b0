import { defineExperiment } from 'job-splitter';

/** How many ways n queens stand on an n × n board without attacking one another (OEIS A000170): 14200 for n = 12. */
const size = 12;

function countBelow(columns: number, left: number, right: number): number {
  const full = (1 << size) - 1;
  if (columns === full) return 1;
  let count = 0;
  for (let free = full & ~(columns | left | right); free !== 0; free &= free - 1) {
    const place = free & -free;
    count += countBelow(columns | place, (left | place) << 1, (right | place) >> 1);
  }
  return count;
}

/** One job per placing of the first two queens. */
function* firstTwo(): Iterable<[number, number]> {
  for (let first = 0; first < size; first++) {
    for (let second = 0; second < size; second++) if (Math.abs(first - second) > 1) yield [first, second];
  }
}

export default defineExperiment({
  jobs: firstTwo(),
  columns: ['first', 'second', 'solutions'],
  job(first, second) {
    const [a, b] = [1 << first, 1 << second];
    return [first, second, countBelow(a | b, (a << 2) | (b << 1), (a >> 2) | (b >> 1))];
  },
  reduce: (total, [, , solutions]) => total + solutions,
  reduceStart: 0,
});
