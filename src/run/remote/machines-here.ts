import { type Machine, parseMachines } from '../../config/machines.ts';
import type { Result } from '../../core/diagnostic.ts';
import { fileNames, readInput } from '../three-files.ts';

/** `machines.json` alone: to look at other machines, no plan is needed. */
export function machinesHere(folder: string): Result<readonly Machine[]> {
  const { path, text } = readInput(folder, fileNames.machines);
  return parseMachines(text ?? '{}', path);
}
