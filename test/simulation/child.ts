import { findViolation, type Violation } from './rounds.ts';

/** Runs the blocks of seeds that its parent hands out. */
process.on('message', ({ from, to }: { readonly from: number; readonly to: number }) => {
  const violations: Violation[] = [];
  for (let at = from; at < to; ) {
    const violation = findViolation(at, to);
    if (violation === undefined) break;
    violations.push(violation);
    at = Number(violation.seed) + 1;
  }
  process.send?.({ count: to - from, violations });
});
