import { InvalidArgumentError } from 'commander';
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
