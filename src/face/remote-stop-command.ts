import { escapeText } from '../core/escape-text.ts';
import { onAllMachines } from '../run/remote/all-machines.ts';
import { withRemoteMachine } from '../run/remote/remote-machine.ts';
import { stopRemote } from '../run/remote/remote-stop.ts';
import { chooseFromMachines } from './choose-remote.ts';
import { exitCodes } from './exit-codes.ts';
import { leaveOnSignals } from './leave-on-signals.ts';
import type { RemoteFlags } from './remote-flags.ts';
import type { Program } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';

/** Stops the runs on other machines; returns the exit code. */
export async function remoteStopCommand(
  program: Program,
  named: readonly string[],
  { now, ...flags }: RemoteFlags & { readonly now?: boolean },
): Promise<number> {
  const chosen = chooseFromMachines(program, named, flags);
  if (chosen === undefined) return exitCodes.usage;
  leaveOnSignals();
  const { folder, settings, name } = chosen;
  // One that was given up may go on all the same.
  const places = [...chosen.places, ...chosen.lost];
  const how = now === true ? 'now' : 'drain';
  const ends = await onAllMachines(
    places,
    (place) => withRemoteMachine(place, folder, settings, (machine) => stopRemote(machine, program.build, name, how)),
    ({ place, result }) => {
      const said = result.ok ? result.value : 'failed';
      for (const line of said.split('\n')) say(`${escapeText(place.name)}: ${escapeText(line)}`);
      if (!result.ok) sayDiagnostics(result.diagnostics);
    },
  );
  return ends.every(({ result }) => result.ok) ? exitCodes.done : exitCodes.incomplete;
}
