import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../runtime/files.ts';
import { tryReplaceFile } from '../runtime/replace-file.ts';
import { fileNames, type ThreeFiles } from './three-files.ts';

const keys = ['machines', 'header', 'config'] as const;

/** Copies of the three files into the run folder, as used; returns what is wrong with those that cannot be written. */
export function keepInputs(folder: string, inputs: ThreeFiles, files: Files): readonly string[] {
  return keys.flatMap((key) => tryReplaceFile(join(folder, fileNames[key]), inputs[key].text ?? '', files) ?? []);
}

/** Whether the copies are still what is used. */
export function inputsAreKept(folder: string, files: ThreeFiles): boolean {
  return keys.every((key) => {
    const path = join(folder, fileNames[key]);
    return existsSync(path) && readFileSync(path, 'utf8') === (files[key].text ?? '');
  });
}
