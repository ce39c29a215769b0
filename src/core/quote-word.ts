import { escapeText } from './escape-text.ts';

/**
 * As a word on a command line, of any system's shell; quotes where it needs some. Single ones, which cmd.exe does not know, only
 * where a shell would else put in or run what stands there.
 */
export function quoteWord(text: string): string {
  const safe = escapeText(text);
  if (/^[\w.@/+=:-]+$/.test(safe)) return safe;
  return /[$`!"]/.test(safe) ? `'${safe.replaceAll("'", "'\\''")}'` : `"${safe}"`;
}
