import { InvalidArgumentError } from 'commander';
import { parseShare } from '../config/parse-share.ts';
import { readDuration } from '../config/readers.ts';
import { type EqualShare, sharesMax } from '../core/equal-shares.ts';
import type { TableFormat } from '../run/merge/merge-request.ts';
import { parseUntil } from './parse-until.ts';

/** For flags that may be given several times. */
export const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

export function readCores(text: string): number {
  const cores = Number(text);
  if (Number.isInteger(cores) && cores > 0 && cores <= 65_536) return cores;
  throw new InvalidArgumentError('a whole number above 0 is needed');
}

export function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('a whole number above 0 is needed');
}

export function readShare(text: string): EqualShare {
  const share = parseShare(text);
  if (share.ok) return share.value;
  const [first] = share.diagnostics;
  throw new InvalidArgumentError(`${first?.message}; ${first?.hint}`);
}

export function readShares(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= sharesMax) return count;
  throw new InvalidArgumentError(`a whole number from 1 to ${sharesMax} is needed`);
}

export function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new InvalidArgumentError('a port is a number from 0 to 65535');
}

export function readUntil(text: string): number {
  const reading = parseUntil(text, Date.now());
  if (reading.ok) return reading.atMs;
  throw new InvalidArgumentError(reading.problem);
}

/** `lab2@40%` */
export function collectKills(value: string, earlier: Faulty): Faulty {
  const [, name, percent] = /^(.+)@(\d{1,3}(?:\.\d+)?)%?$/.exec(value) ?? [];
  if (name === undefined || Number(percent) > 100) throw new InvalidArgumentError('write lab2@40%');
  return [...earlier, [name, Number(percent) / 100]];
}

/** `lab3x3` */
export function collectSlow(value: string, earlier: Faulty): Faulty {
  const [, name, factor] = /^(.+)x(\d+(?:\.\d+)?)$/.exec(value) ?? [];
  if (name === undefined || !(Number(factor) > 0))
    throw new InvalidArgumentError('write lab3x3 for three times as slow');
  return [...earlier, [name, Number(factor)]];
}

type Faulty = readonly (readonly [string, number])[];

/** In milliseconds. */
export function readTime(text: string): number {
  const duration = readDuration(text);
  if (duration.ok && duration.value > 0) return duration.value * 1_000;
  throw new InvalidArgumentError('write a time such as 90s, 1h30m or 0.5s');
}

export function readFormats(text: string): readonly TableFormat[] {
  const formats = [...new Set(text.split(',').map((name) => name.trim()))];
  const known = formats.filter((name): name is TableFormat => ['csv', 'jsonl', 'sqlite'].includes(name));
  if (known.length > 0 && known.length === formats.length) return known;
  throw new InvalidArgumentError('csv, jsonl, sqlite, or several of them with commas between');
}
