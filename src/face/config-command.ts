import { escapeText } from '../core/escape-text.ts';
import { readConfig } from '../run/prepare.ts';
import { findFolder, readThreeFiles } from '../run/three-files.ts';
import { exitCodes } from './exit-codes.ts';
import { endWithReader } from './lost-terminal.ts';
import type { CommonFlags } from './run-command.ts';
import { sayDiagnostics } from './say.ts';

/** Prints every value of the configuration with its origin, on stdout; returns the exit code. */
export function configCommand(flags: CommonFlags & { readonly json?: boolean }): number {
  const files = readThreeFiles(findFolder(process.cwd(), process.execPath));
  const resolved = readConfig({ files, environment: process.env, overrides: flags.set });
  if (!resolved.ok) {
    sayDiagnostics(resolved.diagnostics);
    return exitCodes.usage;
  }
  endWithReader();
  const { origins, warnings } = resolved.value;
  sayDiagnostics(warnings);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(origins, null, 2)}\n`);
    return exitCodes.done;
  }
  let current = '';
  for (const { section, name, value, origin } of origins) {
    if (section !== current) process.stdout.write(`${current === '' ? '' : '\n'}[${escapeText(section)}]\n`);
    current = section;
    process.stdout.write(`${escapeText(`${name} = ${value}`)}    # ${escapeText(origin)}\n`);
  }
  return exitCodes.done;
}
