/** What is known of one machine of the plan. */
export interface MeasuredMachine {
  readonly machine: string;
  /** As planned; `undefined` where no plan says. */
  readonly weight: number | undefined;
  readonly cores: number;
  /** Jobs of its share. */
  readonly jobs: number;
  /** Jobs that succeeded there. */
  readonly measured: number;
  /** Mean time of these, and its standard error. */
  readonly meanMs: number | undefined;
  readonly errorMs: number | undefined;
}

export interface WeightAdvice extends MeasuredMachine {
  /** In the scale of the planned weights, three digits; `undefined` where too little is known. */
  readonly suggested: number | undefined;
  /** Standard error of the suggestion as a part of it. */
  readonly error: number | undefined;
  /** How long all cores of the machine take for its share, by the mean of its jobs. */
  readonly shareMs: number | undefined;
}

/** Below these a mean says little. */
export const measuredMin = 10;

/**
 * Weights that follow from real job times: a core's speed is one over the mean time of its jobs. The sum of weight ×
 * cores over the measured machines stays as it was, so that those not measured keep their proportion.
 */
export function suggestWeights(machines: readonly MeasuredMachine[]): readonly WeightAdvice[] {
  const speeds = machines.map(speedOf);
  let [planned, measured] = [0, 0];
  machines.forEach(({ weight, cores }, at) => {
    const speed = speeds[at];
    if (speed === undefined) return;
    planned += (weight ?? 1) * cores;
    measured += speed * cores;
  });
  return machines.map((machine, at) => {
    const { jobs, cores, meanMs, errorMs } = machine;
    const speed = speeds[at];
    const isKnown = speed !== undefined && meanMs !== undefined;
    return {
      ...machine,
      suggested: isKnown ? Number(((speed * planned) / measured).toPrecision(3)) : undefined,
      error: isKnown && errorMs !== undefined ? errorMs / meanMs : undefined,
      shareMs: meanMs === undefined ? undefined : (jobs * meanMs) / cores,
    };
  });
}

function speedOf({ measured, meanMs }: MeasuredMachine): number | undefined {
  return measured >= measuredMin && meanMs !== undefined && meanMs > 0 ? 1 / meanMs : undefined;
}

/** How much longer the slowest machine takes than all would if they ended together, as a part of it: 0.25 = a quarter. */
export function imbalanceOf(advice: readonly WeightAdvice[]): number | undefined {
  const known = advice.filter((it) => it.shareMs !== undefined && it.shareMs > 0 && it.suggested !== undefined);
  if (known.length < 2) return undefined;
  // Moving work from machine to machine keeps the sum of time × speed.
  const speedOfAll = known.reduce((sum, { suggested = 0, cores }) => sum + suggested * cores, 0);
  const work = known.reduce((sum, { shareMs = 0, suggested = 0, cores }) => sum + shareMs * suggested * cores, 0);
  return Math.max(...known.map(({ shareMs = 0 }) => shareMs)) / (work / speedOfAll) - 1;
}
