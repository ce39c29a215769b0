import { escapeText } from './escape-text.ts';

/**
 * As a word on a command line, of any system's shell; quotes where it needs some. Single ones, which cmd.exe does not know, only
 * where a shell would else put in or run what stands there. That cmd.exe puts in `%NAME%` no quotes prevent.
 */
export function quoteWord(text: string): string {
  const safe = escapeText(text);
  // zsh would look for a program where `=` is first, PowerShell for a variable where `@` is.
  if (/^[\w./+:-][\w.@/+=:-]*$/.test(safe)) return safe;
  if (evaluated.test(safe) || (slashesWithin.test(safe) && !windowsPath.test(text))) return quoteSingly(safe);
  // Doubled, those at the end do not belong to the quote, neither for a shell nor for the C runtime of Windows.
  return `"${safe.replace(/\\+$/, '$&$&')}"`;
}

/** The same of a path, which no command takes for an option. */
export function quotePath(path: string): string {
  return quoteWord(path.startsWith('-') ? `./${path}` : path);
}

/** By some shell within double quotes, or ending them: PowerShell takes curved ones for straight ones. */
const evaluated = /[$`!"“”„]/;

/** Several backslashes at once, which a shell would halve within double quotes; at the end they are doubled anyway. */
const slashesWithin = /\\\\(?!\\*$)/;

const windowsPath = /^[A-Za-z]:\\|^\\\\/;

/**
 * What might end single quotes stands in double ones between: an apostrophe (curved ones, too, for PowerShell), or a backslash before
 * the end (for fish); and what cmd.exe would run.
 */
function quoteSingly(text: string): string {
  const between = /\\*['‘’‚‛&|<>]+|\\+$/g;
  return `'${text.replace(between, (run) => `'"${run.replaceAll('\\', '\\\\')}"'`)}'`;
}
