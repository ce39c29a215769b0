/** What is known of a machine that has run some of its share. */
export interface Measured {
  readonly machine: string;
  /** As `machines.json` has it. */
  readonly weight: number;
  readonly cores: number;
  /** Workers that it ran. */
  readonly workers: number;
  /** Jobs it is responsible for. */
  readonly jobs: number;
  readonly left: number;
  /** Mean time of a job, with all its workers busy. */
  readonly meanMs: number;
  /** How long it was at work. */
  readonly activeMs: number;
}

export interface Calibrated extends Measured {
  /** What its weight should have been: throughput per core, on the scale of the old ones. */
  readonly newWeight: number;
  /** How long it should have taken, had the weights been right. */
  readonly predictedMs: number;
  /** How long it took or, with what is left, will have taken. */
  readonly actualMs: number;
}

export interface Calibration {
  readonly machines: readonly Calibrated[];
  /** By how much the last machine is later than all would be with right weights: 0.4 is 40 %. */
  readonly imbalance: number;
  readonly lastMs: number;
  /** How long all would take with right weights. */
  readonly evenMs: number;
}

/**
 * Weights from real job times. Jobs are shuffled over the machines, so that their mean times can be compared. A machine's
 * throughput is workers ÷ mean time: hyper-threading, heat and whatever else runs there are in it. The new weights
 * give the same sum of weight × cores as the old ones.
 */
export function calibrate(measured: readonly Measured[]): Calibration {
  const throughput = (it: Measured): number => it.workers / it.meanMs;
  const sum = (of: (it: Measured) => number): number => measured.reduce((total, it) => total + of(it), 0);
  const scale = sum(({ weight, cores }) => weight * cores) / sum(throughput);
  const jobs = sum((it) => it.jobs);
  const evenMs = jobs / sum(throughput);
  // What a job takes on a core of weight 1, as the plan supposes: the same on all.
  const unitMs = sum((it) => (it.meanMs * it.weight * it.jobs) / jobs);
  const machines = measured.map((it) => ({
    ...it,
    newWeight: (scale * throughput(it)) / it.cores,
    predictedMs: (it.jobs * unitMs) / (it.weight * it.cores),
    actualMs: it.activeMs + (it.left * it.meanMs) / it.workers,
  }));
  const lastMs = machines.reduce((most, it) => Math.max(most, it.actualMs), 0);
  return { machines, imbalance: Math.max(0, lastMs / evenMs - 1), lastMs, evenMs };
}

/** To three digits, as `machines.json` takes it: `0.0123`, `2.5`, `1.4e-7`. */
export function spellWeight(weight: number): string {
  return String(Number(weight.toPrecision(3)));
}
