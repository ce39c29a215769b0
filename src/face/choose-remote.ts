import type { Result } from '../core/diagnostic.ts';
import type { RemoteFolder } from '../core/remote/remote-folder.ts';
import type { SshSettings } from '../core/remote/ssh-options.ts';
import type { Prepared } from '../run/prepare.ts';
import { type ChosenPlaces, choosePlaces, type KnownMachines } from '../run/remote/choose-places.ts';
import { machinesHere, rescuesHere } from '../run/remote/machines-here.ts';
import { findFolder } from '../run/three-files.ts';
import { type RemoteFlags, readRemoteFolder, sshSettingsOf } from './remote-flags.ts';
import type { Program } from './run-command.ts';
import { sayDiagnostics } from './say.ts';

/** Whom a command is about, and how they are reached. */
export interface ChosenRemote extends ChosenPlaces {
  /** Of the experiment. */
  readonly name: string;
  readonly folder: RemoteFolder;
  readonly settings: SshSettings;
}

type Known = Pick<Prepared, 'name'> & KnownMachines;

/** Says what is wrong where there is nobody to reach. */
export function chooseRemote(known: Known, named: readonly string[], flags: RemoteFlags): ChosenRemote | undefined {
  const places = checked(choosePlaces(known, named));
  const folder = checked(readRemoteFolder(flags, known.name));
  if (places === undefined || folder === undefined) return undefined;
  return { ...places, name: known.name, folder, settings: sshSettingsOf(flags) };
}

/** The same without a plan, by `machines.json` and `rescue.json` alone. */
export function chooseFromMachines(
  { experiment, build }: Program,
  named: readonly string[],
  flags: RemoteFlags,
): ChosenRemote | undefined {
  const folder = findFolder(process.cwd(), process.execPath);
  const machines = checked(machinesHere(folder));
  if (machines === undefined) return undefined;
  const chain = rescuesHere(folder);
  return chooseRemote({ name: experiment.name ?? build.name, machines, rescue: chain && { chain } }, named, flags);
}

function checked<Value>(result: Result<Value>): Value | undefined {
  if (result.ok) return result.value;
  sayDiagnostics(result.diagnostics);
  return undefined;
}
