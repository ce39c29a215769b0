import { type Diagnostic, failed, ok, type Result } from '../../core/diagnostic.ts';
import { nearestName } from '../../core/nearest.ts';
import type { FollowedRescue } from '../follow-rescue.ts';
import { allMachines, type Prepared } from '../prepare.ts';
import type { RemotePlace } from './remote-machine.ts';

/** The machines of `machines.json`, and the rescues that may have given some of them up. */
export type KnownMachines = Pick<Prepared, 'machines'> & {
  readonly rescue: Pick<FollowedRescue, 'chain'> | undefined;
};

export interface ChosenPlaces {
  readonly places: readonly RemotePlace[];
  /** Machines without a host: they are somebody else's matter, maybe this very one. */
  readonly withoutHost: readonly string[];
  /** Rescues have given them up. */
  readonly lost: readonly RemotePlace[];
}

/** The machines that were named, or all; those that ssh can reach, and the others. */
export function choosePlaces({ machines, rescue }: KnownMachines, named: readonly string[]): Result<ChosenPlaces> {
  const known = machines.filter(({ name }) => name !== allMachines);
  const unknown = named.find((name) => !known.some((machine) => machine.name === name));
  if (unknown !== undefined)
    return failed(
      unknownMachine(
        unknown,
        known.map(({ name }) => name),
      ),
    );
  const lostOnes = rescue?.chain.generations.at(-1)?.lost ?? [];
  const chosen = known.filter(({ name }) => named.length === 0 || named.includes(name));
  const places = chosen.flatMap(({ name, host }) => (host === undefined ? [] : [{ name, host }]));
  if (places.length === 0) return failed(noHost(named));
  // Who is named is meant, also a lost one that has come back.
  const isLost = ({ name }: RemotePlace): boolean => named.length === 0 && lostOnes.includes(name);
  return ok({
    places: places.filter((place) => !isLost(place)),
    withoutHost: chosen.filter(({ host }) => host === undefined).map(({ name }) => name),
    lost: places.filter(isLost),
  });
}

function unknownMachine(name: string, known: readonly string[]): Diagnostic {
  const near = nearestName(name, known);
  const hint = near === undefined ? `known: ${known.join(', ')}` : `is ${near} meant?`;
  return { severity: 'error', message: `machines.json names no machine ${JSON.stringify(name)}`, hint };
}

function noHost(named: readonly string[]): Diagnostic {
  const who = named.length === 0 ? 'no machine' : named.map((name) => JSON.stringify(name)).join(', ');
  const message = named.length === 0 ? 'machines.json gives no machine a host' : `${who}: no host in machines.json`;
  const hint = 'say where ssh finds a machine: "lab1": { "weight": 1, "cores": 8, "host": "me@lab1" }';
  return { severity: 'error', message, hint };
}
