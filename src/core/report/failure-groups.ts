import type { JournalledOutcome } from '../journal/journalled-outcome.ts';
import type { Failure } from '../outcome.ts';
import { ArgumentCounts, type ValueKey } from './argument-counts.ts';
import { normaliseFailure } from './normalise-failure.ts';

const groupsMax = 200;
const examplesMax = 10;
/** Of so many, the largest, it is counted which other jobs have the same arguments in common. */
const comparedMax = 20;

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
  /** Settled jobs, failed or not, that have all those values that the group's jobs share; `undefined` where nobody counts. */
  alike: number | undefined;
}

export class FailureGroups {
  readonly #groups = new Map<string, FailureGroup>();
  #compared: readonly { readonly group: FailureGroup; readonly shared: readonly (readonly [number, ValueKey])[] }[] =
    [];
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

  /** All failures are known: from now on `compare` counts. */
  startComparing(): void {
    this.#compared = this.list()
      .slice(0, comparedMax)
      .map((group) => ({ group, shared: [...group.args.shared()] }))
      .filter(({ shared }) => shared.length > 0);
    for (const { group } of this.#compared) group.alike = 0;
  }

  /** A settled job, by the keys of its arguments. */
  compare(keys: readonly ValueKey[]): void {
    for (const { group, shared } of this.#compared) {
      if (shared.every(([at, value]) => Object.is(keys[at], value))) group.alike = (group.alike ?? 0) + 1;
    }
  }

  #open(key: string, example: Failure, exampleArgs: readonly unknown[]): FailureGroup | undefined {
    if (this.#groups.size >= groupsMax) return undefined;
    const group: FailureGroup = {
      key,
      example,
      exampleArgs,
      count: 0,
      jobs: [],
      machines: new Map(),
      args: new ArgumentCounts(),
      alike: undefined,
    };
    this.#groups.set(key, group);
    return group;
  }
}
