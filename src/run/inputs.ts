import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileNames, type ThreeFiles } from './three-files.ts';

const keys = ['machines', 'header', 'config'] as const;

/** Copies of the three files into the run folder, as used. */
export function keepInputs(folder: string, files: ThreeFiles): void {
  for (const key of keys) writeFileSync(join(folder, fileNames[key]), files[key].text ?? '');
}

/** Whether the copies are still what is used. */
export function inputsAreKept(folder: string, files: ThreeFiles): boolean {
  return keys.every((key) => {
    const path = join(folder, fileNames[key]);
    return existsSync(path) && readFileSync(path, 'utf8') === (files[key].text ?? '');
  });
}
