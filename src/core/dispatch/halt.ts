import { formatCount, formatCountOf } from '../format-count.ts';

/**
 * When failures end the run early. `auto` stops when the first max(20, 2 × cores) settled jobs all failed:
 * then it is the experiment that is wrong, not the jobs.
 */
export type HaltRule =
  | { readonly kind: 'auto' }
  | { readonly kind: 'never' }
  | { readonly kind: 'count'; readonly how: 'soon' | 'now'; readonly failed: number }
  | { readonly kind: 'share'; readonly how: 'soon' | 'now'; readonly fraction: number };

/** A share of failures means nothing before this many jobs are settled. */
const settledBeforeShareMin = 20;

/** Says why the run should halt, or `undefined`. Counts are of this session. */
export function whyHalt(rule: HaltRule, settled: number, failed: number, cores: number): string | undefined {
  switch (rule.kind) {
    case 'never':
      return undefined;
    case 'auto': {
      const first = Math.max(20, 2 * cores);
      return settled === first && failed === first ? `the first ${first} jobs all failed` : undefined;
    }
    case 'count':
      return failed >= rule.failed ? `${formatCountOf(failed, 'job')} failed ([run] halt)` : undefined;
    case 'share':
      return settled >= settledBeforeShareMin && failed >= rule.fraction * settled
        ? `${formatCount(failed)} of ${formatCountOf(settled, 'job')} failed ([run] halt)`
        : undefined;
  }
}

/** `now` only where somebody asked for it. */
export function howToHalt(rule: HaltRule): 'drain' | 'now' {
  return (rule.kind === 'count' || rule.kind === 'share') && rule.how === 'now' ? 'now' : 'drain';
}
