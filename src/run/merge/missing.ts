import type { MachineName } from '../../core/ids.ts';
import { jobIndex } from '../../core/ids.ts';
import type { Responsible } from '../../core/rescue/responsible-machine.ts';

/** Jobs of one machine that nobody has settled. */
export interface MissingJobs {
  readonly machine: MachineName;
  readonly count: number;
  /** The first of them: runs of indices, both ends included. */
  readonly first: readonly (readonly [from: number, to: number])[];
  /** When the machine last wrote into a journal that was given; `undefined`: none of it was. */
  readonly lastHeardMs: number | undefined;
}

const runsMax = 10;

/** Gathers missing jobs, which come in the order of the pool. */
export class MissingCount {
  readonly #responsible: () => Responsible;
  readonly #byMachine = new Map<MachineName, { count: number; runs: [number, number][] }>();
  #found: Responsible | undefined;
  count = 0;

  /** `responsible` is asked for at the first missing job: it may be dear. */
  constructor(responsible: () => Responsible) {
    this.#responsible = responsible;
  }

  add(job: number): void {
    this.count++;
    this.#found ??= this.#responsible();
    const machine = this.#found(jobIndex(job));
    const known = this.#byMachine.get(machine);
    if (known === undefined) {
      this.#byMachine.set(machine, { count: 1, runs: [[job, job]] });
      return;
    }
    known.count++;
    const last = known.runs.at(-1);
    if (last?.[1] === job - 1) last[1] = job;
    else if (known.runs.length < runsMax) known.runs.push([job, job]);
  }

  list(lastHeardMs: ReadonlyMap<MachineName, number>): readonly MissingJobs[] {
    return [...this.#byMachine]
      .map(([machine, { count, runs }]) => ({ machine, count, first: runs, lastHeardMs: lastHeardMs.get(machine) }))
      .sort((a, b) => (a.machine < b.machine ? -1 : 1));
  }
}
