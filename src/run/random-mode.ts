/** Which random numbers jobs receive, in words: the same sentence in the confirmation, in `plan` and in `summary.json`. */
export function describeRandomMode(mode: {
  readonly stream: 'same' | 'per-job';
  readonly mathRandom: 'job' | 'native';
}): string {
  const injected =
    mode.stream === 'same'
      ? 'random gives every job the same numbers (common random numbers), context.stream each job its own'
      : 'random and context.stream give each job its own numbers';
  return mode.mathRandom === 'job' ? injected : `${injected}; Math.random is not seeded`;
}
