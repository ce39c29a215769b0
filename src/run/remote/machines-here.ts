import { type Machine, parseMachines } from '../../config/machines.ts';
import { parseRescue } from '../../config/rescue-file.ts';
import type { Result } from '../../core/diagnostic.ts';
import type { RescueChain } from '../../core/rescue/generation.ts';
import { fileNames, readInput, rescueFileName } from '../three-files.ts';

/** `machines.json` alone: to look at other machines, no plan is needed. */
export function machinesHere(folder: string): Result<readonly Machine[]> {
  const { path, text } = readInput(folder, fileNames.machines);
  return parseMachines(text ?? '{}', path);
}

/** `rescue.json` alone, as it stands there; one that cannot be read is refused by whoever computes or merges, and tells nothing here. */
export function rescuesHere(folder: string): RescueChain | undefined {
  const { path, text } = readInput(folder, rescueFileName);
  const chain = text === undefined ? undefined : parseRescue(text, path);
  return chain?.ok ? chain.value : undefined;
}
