import { escapeText } from './escape-text.ts';

/** As a word on a command line, of any system's shell; quotes where it needs some. */
export function quoteWord(text: string): string {
  const safe = escapeText(text);
  return /^[\w.@/+=:-]+$/.test(safe) ? safe : `"${safe}"`;
}
