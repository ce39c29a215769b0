import type { JobIndex } from '../ids.ts';
import type { JobOrder } from '../order.ts';

/** Where in the plan's order a job stands: the order turned around, 4 bytes a job, made when it is first asked for. */
export class Places {
  readonly #order: JobOrder;
  #places: Uint32Array | undefined;

  constructor(order: JobOrder) {
    this.#order = order;
  }

  of(job: JobIndex): number {
    this.#places ??= this.#turnAround();
    return this.#places[job] ?? 0;
  }

  #turnAround(): Uint32Array {
    const places = new Uint32Array(this.#order.length);
    for (let place = 0; place < places.length; place++) places[this.#order.at(place) ?? 0] = place;
    return places;
  }
}
