import { existsSync, readFileSync } from 'node:fs';
import { type EngineAddress, isEngineAddress, parseEngineAddress } from '../config/engine-address.ts';
import { type Diagnostic, failed, type Result } from '../core/diagnostic.ts';

/** Where the address may stand, too: it holds a password, which whoever lists processes would see among the flags. */
const variable = 'JOB_SPLITTER_ENGINE';

/** The address as it was given, or as the environment gives it; `undefined`: none. */
export function givenEngine(flag: string | undefined): string | undefined {
  const text = flag ?? process.env[variable];
  return text === undefined || text === '' ? undefined : text;
}

/** Whether a word among folders is meant as a server. */
export function meansEngine(word: string): boolean {
  return isEngineAddress(word) || word.startsWith('@');
}

/** Reads an address, or the file that holds it. */
export function readEngine(given: string): Result<EngineAddress> {
  if (!given.startsWith('@')) {
    const address = parseEngineAddress(given);
    return address.ok || !existsSync(given)
      ? address
      : failed(mistake(`--engine: ${given} is a file`, `is @${given} meant?`));
  }
  const path = given.slice(1);
  try {
    return parseEngineAddress(readFileSync(path, 'utf8').split('\n')[0] ?? '');
  } catch (error) {
    const message = `--engine: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return failed(mistake(message, 'its first line is the address: nats://user:password@host:4222'));
  }
}

function mistake(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
