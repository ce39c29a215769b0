import type { JournalledOutcome } from '../journal/journalled-outcome.ts';
import type { Failure } from '../outcome.ts';
import { ArgumentCounts } from './argument-counts.ts';
import { normaliseFailure } from './normalise-failure.ts';

const groupsMax = 200;
const examplesMax = 10;

/** Failed jobs that failed in the same way. */
export interface FailureGroup {
  readonly key: string;
  /** The first of them. */
  readonly example: Failure;
  readonly exampleArgs: readonly unknown[];
  count: number;
  /** Some of the jobs' indices. */
  readonly jobs: number[];
  readonly machines: Map<string, number>;
  readonly args: ArgumentCounts;
}

export class FailureGroups {
  readonly #groups = new Map<string, FailureGroup>();
  /** Failed in yet other ways, beyond those that are kept. */
  others = 0;

  /** The most frequent first. */
  list(): readonly FailureGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
  }

  add(outcome: JournalledOutcome, failure: Failure, machine: string): void {
    const key = normaliseFailure(failure);
    const group = this.#groups.get(key) ?? this.#open(key, failure, outcome.args);
    if (group === undefined) {
      this.others++;
      return;
    }
    group.count++;
    if (group.jobs.length < examplesMax) group.jobs.push(outcome.job);
    group.machines.set(machine, (group.machines.get(machine) ?? 0) + 1);
    group.args.add(outcome.args);
  }

  #open(key: string, example: Failure, exampleArgs: readonly unknown[]): FailureGroup | undefined {
    if (this.#groups.size >= groupsMax) return undefined;
    const group = { key, example, exampleArgs, count: 0, jobs: [], machines: new Map(), args: new ArgumentCounts() };
    this.#groups.set(key, group);
    return group;
  }
}
