import { hashTexts } from '../hash.ts';
import type { NamedCopy, ProgramNames } from './remote-scripts.ts';

/** A file here, to be the same there. */
export interface LocalFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly isProgram: boolean;
}

export const programSuffix = (target: string): string => (target.startsWith('win-') ? '.exe' : '');

export function programNames(name: string, target: string): ProgramNames {
  return { prefix: `${name}-${target}-`, suffix: programSuffix(target) };
}

/**
 * A program's name says what is in it, so that one that runs is never written over, and an old one never taken for the new
 * one.
 */
export function programName({ prefix, suffix }: ProgramNames, sha256: string): string {
  return `${prefix}${sha256.slice(0, 16)}${suffix}`;
}

/**
 * What a file is called on its way. By content, so that a copy that broke off goes on only with the same one; by machine,
 * since several may share their home folders.
 */
export function copyOf({ name, sha256, isProgram }: LocalFile, machine: string): NamedCopy {
  return { name, sha256, isProgram, part: `.copy-${sha256.slice(0, 24)}-${ownerOf(machine)}.part` };
}

/** Eight letters and digits that stand for a machine. */
export function ownerOf(machine: string): string {
  return hashTexts('job-splitter/copy/v1', machine).slice(0, 8);
}

export interface Surveyed {
  /** It is there, whole. */
  readonly isThere: boolean;
  /** How much of a copy has arrived. */
  readonly arrivedBytes: number;
}

/** SHA-256 of no bytes: the first line, to see that the other side can hash. */
const hashOfNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Reads the answer to `survey`; `undefined`: it is none. */
export function parseSurvey(output: string, copies: readonly NamedCopy[]): readonly Surveyed[] | undefined {
  const [empty, ...lines] = output.split(/\r?\n/).map((line) => line.trim().toLowerCase());
  if (empty !== hashOfNothing) return undefined;
  const found = copies.map(({ sha256 }, at): Surveyed | undefined => {
    const [hash = '', size = ''] = lines.slice(2 * at, 2 * at + 2);
    if (!/^(?:-|[0-9a-f]{64})$/.test(hash) || !/^\d{1,15}$/.test(size)) return undefined;
    return { isThere: hash === sha256, arrivedBytes: Number(size) };
  });
  return found.every((one) => one !== undefined) ? found : undefined;
}
