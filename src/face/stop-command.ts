import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { findAllRunning, findRunning, type RunningFolder, stopRun } from '../run/stop-run.ts';
import { findFolder } from '../run/three-files.ts';
import { exitCodes } from './exit-codes.ts';
import type { Program } from './run-command.ts';
import { say } from './say.ts';

/** A run looks twice a second; a shared folder may take longer to show the request. */
const patienceMs = { drain: 15_000, now: 60_000 } as const;

/** Stops what runs in some folders, or in all run folders beside the three files; returns the exit code. */
export async function stopCommand(
  { experiment, build }: Program,
  given: readonly string[],
  { now }: { readonly now?: boolean },
): Promise<number> {
  const missing = given.find((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true);
  if (missing !== undefined) {
    say(`There is no folder ${resolve(missing)}; give a run folder, such as ${experiment.name ?? build.name}.lab1.`);
    return exitCodes.usage;
  }
  const place = findFolder(process.cwd(), process.execPath);
  const running = given.length === 0 ? findAllRunning(place, experiment.name ?? build.name) : listOf(given);
  if (running.length === 0) {
    say(
      `Nothing is running in ${given.length === 0 ? `the run folders of ${place}` : given.map((folder) => resolve(folder)).join(', ')}.`,
    );
    return exitCodes.done;
  }
  const how = now === true ? 'now' : 'drain';
  const outcomes = await Promise.all(
    running.map(async (one) => {
      const outcome = await stopRun(one, how, patienceMs[how]);
      say(describe(one, outcome));
      return outcome;
    }),
  );
  return outcomes.includes('silent') ? exitCodes.internal : exitCodes.done;
}

function listOf(folders: readonly string[]): readonly RunningFolder[] {
  return folders.flatMap((folder) => findRunning(resolve(folder)) ?? []);
}

function describe({ folder, holder }: RunningFolder, outcome: 'taken' | 'ended' | 'silent'): string {
  const who = `${folder}: process ${holder.pid} on ${holder.host}`;
  switch (outcome) {
    case 'ended':
      return `${who} has stopped.`;
    case 'taken':
      return `${who} starts nothing new and ends when its running jobs are done (stop --now: at once).`;
    case 'silent':
      return `${who} has not answered yet; it stops as soon as it sees ${folder}/stop.json. Is it suspended, the folder out of reach?`;
  }
}
