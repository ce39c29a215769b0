import type { Diagnostic } from '../../core/diagnostic.ts';
import { formatCountOf } from '../../core/format-count.ts';
import { tellApart } from '../../core/tell-apart.ts';
import type { Source } from './sources.ts';
import type { ConflictFound, Tally } from './tally.ts';

/** Jobs of which the same code gave different results, and nobody decided: between which machines, or which folders of one. */
export function describeConflicts(
  { conflicts, undecidedCount }: Pick<Tally, 'conflicts' | 'undecidedCount'>,
  sources: readonly Pick<Source, 'name'>[],
): readonly Diagnostic[] {
  const open = conflicts.filter(({ isDecided }) => !isDecided);
  const names = open.some(isWithinMachine) ? tellApart(sources.map(({ name }) => name)) : [];
  const more = undecidedCount > open.length ? `; and ${formatCountOf(undecidedCount - open.length, 'job')} more` : '';
  return open.map((conflict, at) => {
    const message = `job ${conflict.job} has different results on ${spellSides(conflict, names)}, of the same code`;
    if (at < open.length - 1) return { severity: 'error', message };
    return { severity: 'error', message: message + more, hint: describeWaysOut(open) };
  });
}

/** A machine's name alone is enough, unless another side is of the same machine. */
function spellSides({ machines, sources }: ConflictFound, names: readonly string[]): string {
  const sides = machines.map((machine, at) => {
    const isAlone = machines.indexOf(machine) === machines.lastIndexOf(machine);
    return isAlone ? machine : `${machine} (${names[sources[at] ?? -1] ?? ''})`;
  });
  return sides.join(' and on ');
}

const isWithinMachine = ({ machines }: ConflictFound): boolean => new Set(machines).size < machines.length;

function describeWaysOut(open: readonly ConflictFound[]): string {
  const why = 'the job is not deterministic (time, files, the network?), or a journal was changed';
  const first = '--on-conflict first takes what ended first';
  // A machine that contradicts itself decides nothing.
  return open.some(isWithinMachine)
    ? `${why}; leave out the folder that is wrong, or ${first}, which is recorded in proof.json`
    : `${why}; ${first}, --on-conflict MACHINE what that machine says; either is recorded in proof.json`;
}
