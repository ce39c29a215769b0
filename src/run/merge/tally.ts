import type { MachineName } from '../../core/ids.ts';
import type { Candidate, Origin } from '../../core/merge/candidate.ts';
import type { Choice } from '../../core/merge/choose.ts';
import type { Checked, MachineCount } from '../../core/merge/proof.ts';

const conflictsShown = 20;

/** A job of which the same code gave different results, and who gave them. */
export interface ConflictFound {
  readonly job: number;
  readonly machines: readonly MachineName[];
  /** The number of the journal of each. */
  readonly sources: readonly number[];
  readonly isDecided: boolean;
}

/** Everything that is counted while outcomes are chosen, a job at a time. */
export class Tally {
  readonly #origins: readonly Origin[];
  readonly #machines = new Map<MachineName, { done: number; failed: number }>();
  /** Of each machine, the jobs that it has done as well, with the result that counts for another one. */
  readonly equalOf: Map<MachineName, number> = new Map();
  readonly codes: Record<string, number> = {};
  readonly causes: Record<string, number> = {};
  /** The first of them; those that nobody decided before those that somebody did. */
  readonly conflicts: ConflictFound[] = [];
  conflictCount = 0;
  undecidedCount = 0;
  done = 0;
  failed = 0;
  rows = 0;
  outcomes = 0;
  equalDuplicates = 0;
  copies = 0;
  ofOtherCode = 0;
  files = 0;
  filesBytes = 0;
  startedAtMs: number = Number.POSITIVE_INFINITY;
  endedAtMs = 0;

  constructor(origins: readonly Origin[]) {
    this.#origins = origins;
  }

  add(choice: Choice, said: number): void {
    const { chosen, equal, copies, ofOtherCode, conflict } = choice;
    const { machine, session } = this.originOf(chosen);
    const counts = this.#machines.get(machine) ?? { done: 0, failed: 0 };
    this.#machines.set(machine, counts);
    this.codes[session.codeFingerprint] = (this.codes[session.codeFingerprint] ?? 0) + 1;
    this.outcomes += said;
    this.copies += copies - 1;
    if (equal.length > 0) this.equalDuplicates++;
    const others = new Set(equal.map((it) => this.originOf(it).machine));
    others.delete(machine);
    for (const other of others) this.equalOf.set(other, (this.equalOf.get(other) ?? 0) + 1);
    this.ofOtherCode += ofOtherCode.length;
    this.startedAtMs = Math.min(this.startedAtMs, chosen.startedAtMs);
    this.endedAtMs = Math.max(this.endedAtMs, chosen.endedAtMs);
    if (chosen.status === 'succeeded') {
      counts.done++;
      this.done++;
    } else {
      counts.failed++;
      this.failed++;
    }
    if (conflict === undefined) return;
    this.conflictCount++;
    if (!conflict.isDecided) this.undecidedCount++;
    const origins = conflict.between.map((it) => this.originOf(it));
    const [machines, sources] = [origins.map((it) => it.machine), origins.map((it) => it.source)];
    this.#note({ job: conflict.job, machines, sources, isDecided: conflict.isDecided });
  }

  #note(found: ConflictFound): void {
    if (this.conflicts.length < conflictsShown) {
      this.conflicts.push(found);
      return;
    }
    const decided = found.isDecided ? -1 : this.conflicts.findIndex(({ isDecided }) => isDecided);
    if (decided >= 0) this.conflicts[decided] = found;
  }

  originOf({ origin }: Candidate): Origin {
    const found = this.#origins[origin];
    if (found === undefined) throw new Error('Internal error: an outcome of no journal');
    return found;
  }

  /** In the order of their names; also machines of which nothing counts. */
  machines(all: Iterable<MachineName>): readonly MachineCount[] {
    const names = new Set([...all, ...this.#machines.keys()]);
    return [...names]
      .sort()
      .map((machine) => ({ machine, ...(this.#machines.get(machine) ?? { done: 0, failed: 0 }) }));
  }

  checked(journals: number, bytes: number): Checked {
    const { outcomes, equalDuplicates, copies, ofOtherCode, files, filesBytes } = this;
    return { journals, bytes, outcomes, equalDuplicates, copies, ofOtherCode, files, filesBytes };
  }
}
