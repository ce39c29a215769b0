import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Files, writeAll } from '../runtime/files.ts';
import { whyNot } from '../runtime/replace-file.ts';
import { fileNames, type ThreeFiles } from './three-files.ts';

type Key = keyof typeof fileNames;

const keys: readonly Key[] = ['machines', 'header', 'config'];

/**
 * Copies of the three files into the run folder, as used; returns what is wrong with those that cannot be written. They
 * reach the disk while the run goes on: should the power fail before, the next start writes them anew.
 */
export function keepInputs(folder: string, inputs: ThreeFiles, files: Files): readonly string[] {
  const changed = keys.filter((key) => !isKept(folder, inputs, key));
  return changed.flatMap((key) => {
    const text = Buffer.from(inputs[key].text ?? '');
    return whyNot(() => write(files, join(folder, fileNames[key]), text)) ?? [];
  });
}

function write(files: Files, path: string, data: Uint8Array): void {
  const file = files.open(path, 'replace');
  try {
    writeAll(files, file, data, 0);
  } catch (error) {
    files.close(file);
    throw error;
  }
  files.syncLater(file, () => void whyNot(() => files.close(file)));
}

/** Whether the copies are still what is used. */
export function inputsAreKept(folder: string, inputs: ThreeFiles): boolean {
  return keys.every((key) => isKept(folder, inputs, key));
}

function isKept(folder: string, inputs: ThreeFiles, key: Key): boolean {
  try {
    return readFileSync(join(folder, fileNames[key]), 'utf8') === (inputs[key].text ?? '');
  } catch {
    return false;
  }
}
