import { type MachineName, machineName } from '../ids.ts';
import type { MachineFacts } from '../plan-facts.ts';
import { plannedMachines, type RescueChain } from '../rescue/generation.ts';
import { nextRescue } from '../rescue/next-rescue.ts';
import type { Piece } from '../rescue/piece.ts';
import { countOf, joinRanges, type Range, subtract } from '../rescue/ranges.ts';
import { responsibility } from '../rescue/responsibility.ts';
import { type PlayedMachine, playMachine } from './played-machine.ts';

/** What befalls machines in the play, by name. */
export interface Faults {
  /** Dies for good when it has done this part of its share, 0 to 1. */
  readonly killAt: ReadonlyMap<string, number>;
  /** Takes so many times as long as its weight says. */
  readonly slowBy: ReadonlyMap<string, number>;
}

export interface PlayRequest {
  /** The plan, and the rescues that there have been. */
  readonly chain: RescueChain;
  readonly faults: Faults;
  /** What a job takes on a core of weight 1, by its position in the plan's order; in milliseconds. */
  readonly jobMs: (position: number) => number;
  /** All jobs take the same time. */
  readonly isEven: boolean;
}

export interface PlayedEnd {
  readonly machine: MachineName;
  readonly jobs: number;
  readonly done: number;
  /** Of its last job; of a machine that dies, when it dies. */
  readonly endMs: number;
  readonly isDead: boolean;
}

export interface Played {
  readonly ends: readonly PlayedEnd[];
  /** When the last machine is done with what it has. */
  readonly endMs: number;
  /** Nobody does them. */
  readonly left: number;
}

export interface PlayedRescue extends Played {
  readonly kind: 'lost' | 'all';
  /** When it is made and laid beside the executables. */
  readonly atMs: number;
}

export interface PlayReport {
  readonly plain: Played;
  /** When all would be done if those that live shared what the dead ones leave exactly by their true speed. */
  readonly evenMs: number;
  readonly rescues: readonly PlayedRescue[];
}

/** Plays a plan under virtual time, as it stands and with the rescues that could be made once the first machine is done. */
export function playPlan(request: PlayRequest): PlayReport {
  const plain = new Fleet(request);
  plain.advance(Number.POSITIVE_INFINITY);
  const { killAt, slowBy } = request.faults;
  const atMs = plain.firstEndMs;
  const kinds: PlayedRescue['kind'][] = [];
  if (killAt.size > 0) kinds.push('lost');
  if (slowBy.size > 0 || killAt.size > 0) kinds.push('all');
  const rescues = kinds.flatMap((kind) => {
    const fleet = new Fleet(request);
    fleet.advance(atMs);
    if (!fleet.rescue(kind)) return [];
    fleet.advance(Number.POSITIVE_INFINITY);
    return [{ kind, atMs, ...fleet.report() }];
  });
  return { plain: plain.report(), evenMs: plain.evenMs(), rescues };
}

interface Member {
  readonly machine: MachineName;
  readonly played: PlayedMachine;
  readonly jobs: number;
  readonly diesAtMs: number;
}

/** All machines of a plan. */
class Fleet {
  readonly #request: PlayRequest;
  readonly #members = new Map<string, Member>();
  #chain: RescueChain;

  constructor(request: PlayRequest) {
    this.#request = request;
    this.#chain = request.chain;
    const shares = this.#shares();
    for (const { name, weight, cores } of this.#machines()) {
      const todo = shares.get(name) ?? [];
      const played = this.#play(name, weight, cores, todo);
      const part = request.faults.killAt.get(name);
      const diesAtMs = part === undefined ? Number.POSITIVE_INFINITY : this.#timeOf(part, name, weight, cores, todo);
      this.#members.set(name, { machine: name, played, jobs: countOf(todo), diesAtMs });
    }
  }

  /** When the first machine is done or, where all die, the last one has died. */
  get firstEndMs(): number {
    const alive = [...this.#members.values()].filter(
      ({ diesAtMs, jobs }) => diesAtMs === Number.POSITIVE_INFINITY && jobs > 0,
    );
    const first = alive.reduce((least, { played }) => Math.min(least, played.finishMs), Number.POSITIVE_INFINITY);
    const deaths = [...this.#members.values()].map(({ diesAtMs }) => diesAtMs).filter(Number.isFinite);
    return Math.max(Number.isFinite(first) ? first : 0, ...deaths);
  }

  advance(untilMs: number): void {
    for (const { played, diesAtMs } of this.#members.values()) played.advance(Math.min(untilMs, diesAtMs));
  }

  /** As `rescue --lost` (the dead ones) would, or `rescue --lost --all` with weights set right; false: nothing is left, or nobody. */
  rescue(kind: PlayedRescue['kind']): boolean {
    const settled = joinRanges([...this.#members.values()].flatMap(({ played }) => played.done));
    const lost = [...this.#request.faults.killAt.keys()].sort();
    const { plan, generations } = this.#request.chain;
    const { machines } = generations.at(-1) ?? plan;
    const slowBy = this.#request.faults.slowBy;
    const right = machines.map((it) => ({ ...it, weight: divide(it.weight, slowBy.get(it.name)) }));
    const all = kind === 'all';
    const wish = { machines: all ? right : machines, lost, relieved: [], back: [], all };
    const next = nextRescue(this.#chain, wish, settled);
    if (next.kind !== 'split') return false;
    this.#chain = next.chain;
    const shares = this.#shares();
    for (const { machine, played, diesAtMs } of this.#members.values()) {
      if (diesAtMs === Number.POSITIVE_INFINITY) played.redirect(subtract(shares.get(machine) ?? [], played.done));
    }
    return true;
  }

  report(): Played {
    const ends = [...this.#members.values()].map(({ machine, played, jobs, diesAtMs }) => {
      const done = countOf(played.done);
      const isDead = diesAtMs < Number.POSITIVE_INFINITY;
      return { machine, jobs, done, endMs: isDead ? diesAtMs : played.finishMs, isDead };
    });
    const settled = joinRanges([...this.#members.values()].flatMap(({ played }) => played.done));
    const endMs = ends.reduce((most, it) => Math.max(most, it.endMs), 0);
    return { ends, endMs, left: this.#request.chain.plan.jobs - countOf(settled) };
  }

  /** What the dead ones have done is done. To be asked at the end. */
  evenMs(): number {
    const { faults, chain, jobMs } = this.#request;
    const speedOf = (it: { readonly name: string; readonly weight: number; readonly cores: number }): number =>
      faults.killAt.has(it.name) ? 0 : (it.weight * it.cores) / (faults.slowBy.get(it.name) ?? 1);
    const speed = this.#machines().reduce((sum, it) => sum + speedOf(it), 0);
    const dead = [...this.#members.values()].filter(({ machine }) => faults.killAt.has(machine));
    const left = chain.plan.jobs - dead.reduce((sum, { played }) => sum + countOf(played.done), 0);
    return (left * this.#meanMs(jobMs, chain.plan.jobs)) / speed;
  }

  #meanMs(jobMs: (position: number) => number, jobs: number): number {
    if (this.#request.isEven) return jobMs(0);
    let sum = 0;
    for (let position = 0; position < jobs; position++) sum += jobMs(position);
    return sum / jobs;
  }

  /** Every machine that the plan or a rescue knows, by its latest entry. */
  #machines(): readonly { readonly name: MachineName; readonly weight: number; readonly cores: number }[] {
    const { plan, generations } = this.#request.chain;
    const known = new Map<string, MachineFacts>();
    for (const { machines } of [plan, ...generations]) for (const it of machines) known.set(it.name, it);
    return [...known.values()].map(({ name, weight, cores }) => ({
      name: machineName(name),
      cores,
      weight: Number(weight),
    }));
  }

  #shares(): ReadonlyMap<string, readonly Range[]> {
    const { plan, generations } = this.#chain;
    const shares = new Map<string, Piece[]>();
    for (const piece of responsibility(plan.jobs, plannedMachines(plan.machines), generations)) {
      const own = shares.get(piece.machine);
      if (own === undefined) shares.set(piece.machine, [piece]);
      else own.push(piece);
    }
    return shares;
  }

  #play(name: string, weight: number, cores: number, todo: readonly Range[]): PlayedMachine {
    const { jobMs, isEven, faults } = this.#request;
    const factor = (faults.slowBy.get(name) ?? 1) / weight;
    return playMachine({ cores, isEven, jobMs: (position) => jobMs(position) * factor }, todo);
  }

  /** When a machine has done a part of its share. */
  #timeOf(part: number, name: string, weight: number, cores: number, todo: readonly Range[]): number {
    const wanted = Math.floor(countOf(todo) * part);
    const played = this.#play(name, weight, cores, todo);
    let [least, most] = [0, played.finishMs];
    // Done jobs only become more: halving finds the moment, to a millisecond.
    while (most - least > 1e-3 * Math.max(1, least)) {
      const middle = (least + most) / 2;
      const trial = this.#play(name, weight, cores, todo);
      trial.advance(middle);
      if (countOf(trial.done) >= wanted) most = middle;
      else least = middle;
    }
    return wanted === 0 ? 0 : most;
  }
}

/** A weight that takes `by` times as long, to 12 digits. */
function divide(weight: string, by: number | undefined): string {
  return by === undefined ? weight : String(Number((Number(weight) / by).toPrecision(12)));
}
