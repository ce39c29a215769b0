import { setTimeout as wait } from 'node:timers/promises';
import { type MachineEnd, onAllMachines } from '../run/remote/all-machines.ts';
import { type RemotePlace, withRemoteMachine } from '../run/remote/remote-machine.ts';
import { type RemoteStatus, readRemoteStatus } from '../run/remote/remote-status.ts';
import { type ChosenRemote, chooseFromMachines } from './choose-remote.ts';
import { exitCodes } from './exit-codes.ts';
import { leaveOnSignals } from './leave-on-signals.ts';
import type { RemoteFlags } from './remote-flags.ts';
import type { Program } from './run-command.ts';
import { type StatusFlags, showStatuses } from './status-command.ts';
import type { OtherMachine } from './status-lines.ts';

/** A look costs a log-in at each machine. */
const lookMs = 5_000;

/** Says how far the runs on other machines are; returns the exit code. */
export async function remoteStatusCommand(
  program: Program,
  named: readonly string[],
  flags: StatusFlags & RemoteFlags,
): Promise<number> {
  const chosen = chooseFromMachines(program, named, flags);
  if (chosen === undefined) return exitCodes.usage;
  const show = showStatuses(flags);
  leaveOnSignals();
  for (;;) {
    const ends = await lookAtAll(program, chosen);
    const statuses = ends.flatMap(({ result }) =>
      result.ok && result.value.kind === 'known' ? [result.value.status] : [],
    );
    await show(statuses, [...ends.flatMap(describeOther), ...chosen.lost.map(describeLost)]);
    const goesOn = flags.watch === true && statuses.some(({ state }) => state === 'running');
    if (!goesOn) return ends.every(({ result }) => result.ok) ? exitCodes.done : exitCodes.incomplete;
    await wait(lookMs);
  }
}

function lookAtAll(
  { build }: Program,
  { places, folder, settings, name }: ChosenRemote,
): Promise<readonly MachineEnd<RemoteStatus>[]> {
  return onAllMachines(
    places,
    (place) => withRemoteMachine(place, folder, settings, (machine) => readRemoteStatus(machine, build, name)),
    () => undefined,
  );
}

const describeLost = ({ name, host }: RemotePlace): OtherMachine => ({
  ...{ machine: name, host },
  problem: 'given up by rescue.json and not asked; name it to ask it',
});

/** A machine of which no run is known. */
function describeOther({ place: { name, host }, result }: MachineEnd<RemoteStatus>): OtherMachine[] {
  if (result.ok && result.value.kind === 'known') return [];
  const about = { machine: name, host };
  if (!result.ok)
    return [{ ...about, problem: result.diagnostics.map(({ message, hint }) => `${message}; ${hint}`).join('; ') }];
  return [
    { ...about, problem: result.value.kind === 'not-deployed' ? 'nothing was deployed there' : 'has not been started' },
  ];
}
