import type { Assignment } from '../core/dispatch/protocol.ts';
import { countModulo, epochModulo } from './worker/claims.ts';

/** What a worker was sent and has not answered, in the order in which it was sent; the worker runs the first. */
export class SentJobs {
  #inHand: Assignment[] = [];
  /** Jobs sent in all (modulo 2^20), without those that were recalled. */
  #sent = 0;
  #epoch = 0;

  get running(): Assignment | undefined {
    return this.#inHand[0];
  }

  holds(job: number): boolean {
    return this.#inHand.some((assignment) => assignment.job === job);
  }

  /** Recalls that were answered (modulo 2^12): what is sent carries it, so that the worker knows what came before one. */
  get epoch(): number {
    return this.#epoch;
  }

  add(assignments: readonly Assignment[]): void {
    for (const assignment of assignments) this.#inHand.push(assignment);
    this.#sent = (this.#sent + assignments.length) % countModulo;
  }

  /** The next so many are answered; `undefined` where there are not so many. */
  take(count: number): readonly Assignment[] | undefined {
    return count > this.#inHand.length ? undefined : this.#inHand.splice(0, count);
  }

  /** After a recall: the worker has begun so many jobs in all (modulo 2^20). Returns the others; `undefined`: that cannot be. */
  takeBack(begun: number): readonly Assignment[] | undefined {
    const returned = (this.#sent - begun + countModulo) % countModulo;
    if (returned > this.#inHand.length) return undefined;
    this.#sent = begun;
    this.#epoch = (this.#epoch + 1) % epochModulo;
    return returned === 0 ? [] : this.#inHand.splice(-returned);
  }
}
