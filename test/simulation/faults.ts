import type { Random } from '../../src/core/random.ts';

/** What goes wrong in one simulated session. Probabilities for each occasion; 0 switches the kind off. */
export interface Faults {
  /** For each event. */
  readonly powerCut: number;
  readonly mainKilled: number;
  readonly suspension: number;
  /** For each start of a worker. */
  readonly startCrash: number;
  readonly startHang: number;
  /** For each job or answer. */
  readonly lateAnswer: number;
  readonly doubleAnswer: number;
  /** For each kill, polite or not. */
  readonly slowKill: number;
  readonly deafToDismissal: number;
  /** For each recall: it is answered late, or never. */
  readonly lateRecall: number;
  readonly deafToRecall: number;
  /** For each flush. */
  readonly diskFull: number;
  readonly syncFails: number;
  readonly diskStalls: number;
  readonly diskDies: number;
  /** Whether a power cut leaves holes in what was not synced, and not only a short tail. */
  readonly holes: number;
  /** For each session. */
  readonly stop: number;
  readonly until: number;
  readonly halt: number;
}

export const noFaults: Faults = {
  powerCut: 0,
  mainKilled: 0,
  suspension: 0,
  startCrash: 0,
  startHang: 0,
  lateAnswer: 0,
  doubleAnswer: 0,
  slowKill: 0,
  deafToDismissal: 0,
  lateRecall: 0,
  deafToRecall: 0,
  diskFull: 0,
  syncFails: 0,
  diskStalls: 0,
  diskDies: 0,
  holes: 0,
  stop: 0,
  until: 0,
  halt: 0,
};

/** How often each kind strikes at most. */
const worst: Faults = {
  powerCut: 0.02,
  mainKilled: 0.02,
  suspension: 0.02,
  startCrash: 0.6,
  startHang: 0.3,
  lateAnswer: 0.5,
  doubleAnswer: 0.5,
  slowKill: 0.5,
  deafToDismissal: 0.5,
  lateRecall: 1,
  deafToRecall: 0.1,
  diskFull: 0.7,
  syncFails: 0.7,
  diskStalls: 0.2,
  diskDies: 0.05,
  holes: 1,
  stop: 1,
  until: 1,
  halt: 1,
};

/**
 * Swarm testing (Groce et al. 2012): each seed has half of the kinds switched off, because faults of one kind often
 * hide what another kind would have brought to light.
 */
export function drawFaults(random: Random): Faults {
  const draw = (most: number): number => (random() < 0.5 ? 0 : random() * most);
  const entries = Object.entries(worst).map(([kind, most]) => [kind, draw(most)] as const);
  return { ...noFaults, ...Object.fromEntries(entries) };
}
