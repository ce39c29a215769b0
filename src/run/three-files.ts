import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { BuildInfo } from '../build-info.ts';
import { readText, systemFiles } from '../runtime/files.ts';
import { createFile } from '../runtime/replace-file.ts';

export interface InputFile {
  /** As shown in messages: its name. */
  readonly path: string;
  /** `undefined`: there is no such file. */
  readonly text: string | undefined;
}

export interface ThreeFiles {
  /** The folder they lie in; run folders are made beside them. */
  readonly folder: string;
  readonly machines: InputFile;
  readonly header: InputFile;
  readonly config: InputFile;
  /** `experiment.lock`, which `plan --lock` writes beside them. */
  readonly lock: InputFile;
  /** `rescue.json`, which `rescue` writes. */
  readonly rescue: InputFile;
}

export const fileNames = { machines: 'machines.json', header: 'header.csv', config: 'runner.config' } as const;
const names = Object.values(fileNames);
export const lockFileName = 'experiment.lock';
export const rescueFileName = 'rescue.json';

/**
 * The working directory, else the executable's folder. Where none of the files is in either, new ones go to the first, but
 * beside the executable on a double-click, which starts in the home directory, without words.
 */
export function findFolder(
  workingFolder: string,
  executable: string,
  words: readonly string[] = process.argv.slice(2),
): string {
  const hasAny = (folder: string): boolean => names.some((name) => existsSync(join(folder, name)));
  if (hasAny(workingFolder)) return workingFolder;
  const beside = dirname(executable);
  const isPackaged = !/^node(\.exe)?$/.test(basename(executable));
  const isDoubleClick = isPackaged && words.length === 0 && workingFolder === homedir();
  return hasAny(beside) || isDoubleClick ? beside : workingFolder;
}

export function readInput(folder: string, name: string): InputFile {
  const path = join(folder, name);
  return { path: name, text: existsSync(path) ? readText(systemFiles, path) : undefined };
}

export function readThreeFiles(folder: string): ThreeFiles {
  const read = (name: string): InputFile => readInput(folder, name);
  const { machines, header, config } = fileNames;
  return {
    folder,
    machines: read(machines),
    header: read(header),
    config: read(config),
    lock: read(lockFileName),
    rescue: read(rescueFileName),
  };
}

/** Writes those of the three that are missing; returns their names. Never overwrites one. */
export function writeTemplates(folder: string, { templates }: BuildInfo): readonly string[] {
  const written: string[] = [];
  for (const key of ['machines', 'header', 'config'] as const) {
    const path = join(folder, fileNames[key]);
    // Whole or not at all: half a file after a kill would be taken for the user's.
    if (!existsSync(path) && createFile(path, templates[key])) written.push(fileNames[key]);
  }
  return written;
}
