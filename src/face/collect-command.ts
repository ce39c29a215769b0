import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { escapeText } from '../core/escape-text.ts';
import { formatCountOf } from '../core/format-count.ts';
import { allMachines, type Prepared } from '../run/prepare.ts';
import { onAllMachines } from '../run/remote/all-machines.ts';
import { type Collected, collectFrom } from '../run/remote/collect.ts';
import { remoteRunFolder } from '../run/remote/deploy.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { chooseRemote } from './choose-remote.ts';
import { exitCodes } from './exit-codes.ts';
import { formatBytes } from './format.ts';
import { mergeAndTell } from './merge-command.ts';
import type { RemoteFlags } from './remote-flags.ts';
import { RemoteView } from './remote-view.ts';
import { type CommonFlags, type Program, prepare } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';

export interface CollectFlags extends CommonFlags, RemoteFlags {
  readonly to?: string;
  readonly merge: boolean;
}

/** Brings run folders home and joins them; returns the exit code. */
export async function collectCommand(program: Program, named: readonly string[], flags: CollectFlags): Promise<number> {
  const prepared = await prepare(program, flags.set);
  if (typeof prepared === 'number') return prepared;
  const chosen = chooseRemote(prepared, named, flags);
  if (chosen === undefined) return exitCodes.usage;
  const to = resolve(flags.to ?? prepared.files.folder);
  const { folder, settings, lost } = chosen;
  // What a lost machine has done counts, where it can be reached.
  const places = [...chosen.places, ...lost];
  const view = new RemoteView(places);
  const ends = await onAllMachines(
    places,
    (place) => {
      const runFolder = remoteRunFolder(prepared.name, place.name);
      return collectFrom({ place, folder, settings, runFolder, target: join(to, runFolder), tell: view.tell });
    },
    ({ place, result }) => view.tell(place, result.ok ? spell(result.value) : 'failed'),
  ).finally(() => view.close());
  for (const { place, result } of ends) {
    say(`${escapeText(place.name)}  ${place.host}  ${result.ok ? spell(result.value) : 'failed'}`);
    if (!result.ok) sayDiagnostics(result.diagnostics);
    else if (result.value.kind === 'collected')
      for (const notice of result.value.notices) say(`  ${escapeText(notice)}`);
  }
  if (flags.merge) return mergeAll(program, prepared, to, flags);
  const isWhole = ends.every(({ place, result }) => result.ok || lost.includes(place));
  return isWhole ? exitCodes.done : exitCodes.incomplete;
}

/** Every run folder of the plan that is here, also of machines without a host. */
async function mergeAll(program: Program, prepared: Prepared, to: string, flags: CollectFlags): Promise<number> {
  const given = prepared.machines
    .filter(({ name }) => name !== allMachines)
    .map(({ name }) => join(to, remoteRunFolder(prepared.name, name)))
    .filter((path) => existsSync(journalPath(path)));
  if (given.length > 0)
    return mergeAndTell(program, prepared, given, { ...flags, format: ['csv'], onConflict: undefined });
  say('There is nothing to merge yet.');
  return exitCodes.incomplete;
}

function spell(collected: Collected): string {
  if (collected.kind === 'nothing-there') return 'nothing there yet';
  const { files, bytes } = collected;
  return files === 0 ? 'nothing new' : `${formatCountOf(files, 'file')}, ${formatBytes(bytes)}`;
}
