import { countOf, joinRanges, type Range, subtract } from '../rescue/ranges.ts';

/** What a machine is worth in the play. */
export interface Pace {
  readonly cores: number;
  /** Virtual milliseconds that a job takes on one of its cores, by its position in the plan's order. */
  readonly jobMs: (position: number) => number;
  /** All jobs take the same time: then a billion of them are played as fast as ten. */
  readonly isEven: boolean;
}

/** A machine under virtual time: takes its jobs in order, one per core, and is done with them in time. */
export interface PlayedMachine {
  /** Positions that are done, ascending. */
  readonly done: readonly Range[];
  /** When it is done with all that it has to do; 0 where it has had nothing. */
  readonly finishMs: number;
  /** Lets the time pass until then, in virtual milliseconds since the start. */
  advance(untilMs: number): void;
  /** Other jobs from now on: what is done or begun stays so. */
  redirect(todo: readonly Range[]): void;
}

export function playMachine(pace: Pace, todo: readonly Range[]): PlayedMachine {
  return pace.isEven ? new EvenMachine(pace, todo) : new UnevenMachine(pace, todo);
}

/** Times are sums of job times: a wave that ends just then has ended. */
const rounding = 1e-9;

/** Jobs of equal length run in waves, one job per core: only their number matters. */
class EvenMachine implements PlayedMachine {
  readonly #cores: number;
  readonly #jobMs: number;
  /** When the running wave began. */
  #waveMs = 0;
  #nowMs = 0;
  #finishMs = 0;
  /** Those of the running wave first. */
  #todo: readonly Range[];
  #done: readonly Range[] = [];

  constructor({ cores, jobMs }: Pace, todo: readonly Range[]) {
    this.#cores = cores;
    this.#jobMs = jobMs(0);
    this.#todo = todo;
  }

  get done(): readonly Range[] {
    return this.#done;
  }

  get finishMs(): number {
    const left = countOf(this.#todo);
    return left === 0 ? this.#finishMs : this.#waveMs + Math.ceil(left / this.#cores) * this.#jobMs;
  }

  advance(untilMs: number): void {
    const left = countOf(this.#todo);
    const waves = Math.floor((untilMs - this.#waveMs) / this.#jobMs + rounding);
    this.#nowMs = untilMs;
    if (left === 0 || waves <= 0) return;
    const finishMs = this.finishMs;
    const [ready, todo] = cutAt(this.#todo, waves * this.#cores);
    this.#done = joinRanges([...this.#done, ...ready]);
    this.#todo = todo;
    if (todo.length === 0) this.#finishMs = finishMs;
    else this.#waveMs += waves * this.#jobMs;
  }

  redirect(todo: readonly Range[]): void {
    // Idle cores begin at once.
    if (this.#todo.length === 0) this.#waveMs = this.#nowMs;
    const [begun] = cutAt(this.#todo, this.#cores);
    this.#todo = [...begun, ...subtract(todo, joinRanges(begun))];
  }
}

/** Each job by itself, whichever core is free first takes the next. */
class UnevenMachine implements PlayedMachine {
  readonly #jobMs: (position: number) => number;
  /** When each core is free, and what it runs until then. */
  readonly #cores: { freeMs: number; position: number }[];
  #todo: Range[];
  #done: Range[] = [];
  #nowMs = 0;
  #finishMs = 0;

  constructor({ cores, jobMs }: Pace, todo: readonly Range[]) {
    this.#jobMs = jobMs;
    this.#cores = Array.from({ length: cores }, () => ({ freeMs: 0, position: -1 }));
    this.#todo = [...todo];
    this.#feed();
  }

  get done(): readonly Range[] {
    this.#done = [...joinRanges(this.#done)];
    return this.#done;
  }

  get finishMs(): number {
    const rest = new UnevenMachine({ cores: this.#cores.length, jobMs: this.#jobMs, isEven: false }, []);
    rest.#cores.splice(0, rest.#cores.length, ...this.#cores.map((core) => ({ ...core })));
    rest.#todo = [...this.#todo];
    rest.#finishMs = this.#finishMs;
    rest.#nowMs = this.#nowMs;
    rest.advance(Number.POSITIVE_INFINITY);
    return rest.#finishMs;
  }

  advance(untilMs: number): void {
    for (let core = this.#firstBusy(); core !== undefined && core.freeMs <= untilMs; core = this.#firstBusy()) {
      this.#done.push({ from: core.position, to: core.position + 1 });
      core.position = -1;
      this.#finishMs = core.freeMs;
      this.#nowMs = core.freeMs;
      this.#feed();
    }
    this.#nowMs = untilMs;
  }

  redirect(todo: readonly Range[]): void {
    const begun = this.#cores.filter(({ position }) => position >= 0).map(({ position }) => position);
    this.#todo = todo.flatMap((range) => without(range, begun));
    this.#feed();
  }

  #feed(): void {
    for (const core of this.#cores) {
      const [range] = this.#todo;
      if (range === undefined) return;
      if (core.position >= 0) continue;
      core.position = range.from;
      core.freeMs = this.#nowMs + this.#jobMs(range.from);
      if (range.from + 1 === range.to) this.#todo.shift();
      else this.#todo[0] = { from: range.from + 1, to: range.to };
    }
  }

  #firstBusy(): { freeMs: number; position: number } | undefined {
    let first: { freeMs: number; position: number } | undefined;
    for (const core of this.#cores) {
      if (core.position >= 0 && (first === undefined || core.freeMs < first.freeMs)) first = core;
    }
    return first;
  }
}

/** The first `count` positions, and the rest. */
function cutAt(ranges: readonly Range[], count: number): readonly [readonly Range[], readonly Range[]] {
  let left = count;
  for (let at = 0; at < ranges.length; at++) {
    const { from, to } = ranges[at] ?? { from: 0, to: 0 };
    if (to - from <= left) {
      left -= to - from;
      continue;
    }
    const head = left > 0 ? [{ from, to: from + left }] : [];
    return [
      [...ranges.slice(0, at), ...head],
      [{ from: from + left, to }, ...ranges.slice(at + 1)],
    ];
  }
  return [ranges, []];
}

function without({ from, to }: Range, positions: readonly number[]): readonly Range[] {
  const inside = positions.filter((position) => position >= from && position < to).sort((a, b) => a - b);
  const parts: Range[] = [];
  let start = from;
  for (const position of inside) {
    if (position > start) parts.push({ from: start, to: position });
    start = position + 1;
  }
  if (start < to) parts.push({ from: start, to });
  return parts;
}
