import type { Result } from '../../core/diagnostic.ts';
import type { RemotePlace } from './remote-machine.ts';

export interface MachineEnd<Value> {
  readonly place: RemotePlace;
  readonly result: Result<Value>;
}

/** Logins at the same time: more than this, and gateways refuse some. */
const atOnceMax = 16;

/** The same for all machines, side by side: what goes wrong with one is its own matter. In the order of the places. */
export async function onAllMachines<Value>(
  places: readonly RemotePlace[],
  act: (place: RemotePlace) => Promise<Result<Value>>,
  onEnd: (end: MachineEnd<Value>) => void,
): Promise<readonly MachineEnd<Value>[]> {
  const ends: MachineEnd<Value>[] = [];
  const pending = [...places.entries()];
  const work = async (): Promise<void> => {
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      const [at, place] = next;
      const end = { place, result: await act(place) };
      ends[at] = end;
      onEnd(end);
    }
  };
  await Promise.all(Array.from({ length: atOnceMax }, work));
  return ends;
}
