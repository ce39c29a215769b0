import { existsSync, readFileSync, statSync } from 'node:fs';
import { type EngineAddress, isEngineAddress, parseEngineAddress } from '../config/engine-address.ts';
import { type Diagnostic, failed, type Result } from '../core/diagnostic.ts';
import { reasonOf } from '../runtime/file-error.ts';

/** Where the address may stand, too: it holds a password, which whoever lists processes would see among the flags. */
const variable = 'JOB_SPLITTER_ENGINE';

/** The address as it was given, or as the environment gives it; `undefined`: none. */
export function givenEngine(flag: string | undefined): string | undefined {
  const text = flag ?? process.env[variable];
  return text === undefined || text === '' ? undefined : text;
}

/** Whether a word among folders is meant as a server. */
export function meansEngine(word: string): boolean {
  return isEngineAddress(word) || word.startsWith('@') || holdsAddress(word);
}

const addressBytesMax = 4_096;

/** A file like `engine.url`, given without the `@`. */
function holdsAddress(path: string): boolean {
  try {
    const file = statSync(path);
    return file.isFile() && file.size < addressBytesMax && isEngineAddress(readFileSync(path, 'utf8'));
  } catch {
    // Whoever means it as a folder says what is wrong with it.
    return false;
  }
}

/** Reads an address, or the file that holds it. */
export function readEngine(given: string): Result<EngineAddress> {
  if (!given.startsWith('@')) {
    const address = parseEngineAddress(given);
    if (address.ok || !existsSync(given)) return address;
    return failed(mistake(`${given} is a file, no address`, `is @${given} meant?`));
  }
  const path = given.slice(1);
  try {
    const address = parseEngineAddress(readFileSync(path, 'utf8').split('\n')[0] ?? '');
    if (address.ok) return address;
    return failed(...address.diagnostics.map((it) => ({ ...it, message: `${path}: ${it.message}` })));
  } catch (error) {
    const message = `${path} cannot be read: ${error instanceof Error ? reasonOf(error) : String(error)}`;
    return failed(mistake(message, 'its first line is the address: nats://user:password@host:4222'));
  }
}

function mistake(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
