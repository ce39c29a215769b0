import type { Program } from './harness/program.ts';
import { median } from './harness/rounds.ts';
import { formatNumber } from './harness/table.ts';
import type { Peer } from './peers.ts';

/** What a claim's script is given. */
export interface Bench {
  readonly program: Program;
  readonly peers: readonly Peer[];
  readonly rounds: number;
  /** What the sizes of the dear claims are multiplied by: 1, or less for a quick look. */
  readonly scale: number;
  /** Tiny numbers: that it works, not its time. */
  readonly smoke: boolean;
  readonly tell: (line: string) => void;
}

/** One line of the table of claims. */
export interface Finding {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  /** What the least program reaches in the same rounds, where it says something. */
  readonly least?: string;
  /** `undefined`: could not be measured. */
  readonly reached: boolean | undefined;
}

export interface Report {
  readonly findings: readonly Finding[];
  /** Markdown: figures in full, with what they mean. */
  readonly details: readonly string[];
}

/** One claim about speed; its script measures it. */
export interface Claim {
  readonly name: string;
  readonly title: string;
  readonly run: (bench: Bench) => Report;
}

export function atMost(what: string, limit: number, unit: string, value: number, least?: number): Finding {
  const tell = (it: number): string => `${formatNumber(it)} ${unit}`;
  return {
    what,
    target: `≤ ${limit} ${unit}`,
    measured: tell(value),
    ...withLeast(tell, least),
    reached: value <= limit,
  };
}

export function atLeast(what: string, limit: number, unit: string, value: number | undefined, least?: number): Finding {
  const target = `≥ ${limit}${unit}`;
  if (value === undefined) return { what, target, measured: 'peer is absent', reached: undefined };
  const tell = (it: number): string => `${formatNumber(it)}${unit}`;
  return { what, target, measured: tell(value), ...withLeast(tell, least), reached: value >= limit };
}

function withLeast(tell: (value: number) => string, least: number | undefined): Pick<Finding, 'least'> {
  return least === undefined ? {} : { least: tell(least) };
}

/** Microseconds of the whole process, start and end included, per job. */
export function microsPerJob(runs: readonly { readonly wallS: number }[], jobs: number): number {
  return (1e6 * median(runs.map(({ wallS }) => wallS))) / jobs;
}

/** The median, over the rounds, of how many times longer `slow` took than `fast` in the same round. */
export function timesFaster(
  fast: readonly { readonly wallS: number }[],
  slow: readonly { readonly wallS: number }[],
): number {
  return median(fast.map(({ wallS }, round) => (slow[round]?.wallS ?? Number.NaN) / wallS));
}
