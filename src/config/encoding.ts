import type { Diagnostic } from '../core/diagnostic.ts';
import { TextPlaces } from './text-places.ts';

/**
 * A file saved as UTF-16 (Windows PowerShell's `>` and old editors do that), seen after it was decoded as UTF-8: its
 * mark has become two replacement characters, and every second character is a NUL.
 */
export function findUtf16(text: string, file: string): Diagnostic | undefined {
  if (!/^\uFFFD\uFFFD|^[^\0]\0[^\0]\0|^\0[^\0]\0[^\0]/.test(text)) return undefined;
  return { severity: 'error', message: `${file} is saved as UTF-16`, hint: 'save it as UTF-8' };
}

/** The first character that was no UTF-8: another code page. */
export function findBadCharacter(text: string, file: string): Omit<Diagnostic, 'severity'> | undefined {
  const at = text.indexOf('\uFFFD');
  if (at < 0) return undefined;
  const place = new TextPlaces(text, file).at(at);
  return { message: 'a character here is not UTF-8', place, hint: 'save the file as UTF-8' };
}
