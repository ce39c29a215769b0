/**
 * Python's idea of white space (`str.isspace`, `str.strip`, `\s`). JavaScript's differs: it counts U+FEFF and does
 * not count U+001C to U+001F and U+0085.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: four of them are white space
const space = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

export function isPythonSpace(character: string): boolean {
  return space.test(character);
}

/** Index of the first character that is no white space; the length of the text where there is none. */
export function pythonIndent(text: string): number {
  let at = 0;
  while (at < text.length && isPythonSpace(text.charAt(at))) at++;
  return at;
}

/** `str.rstrip()`. */
export function stripPythonEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isPythonSpace(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** `str.strip()`. */
export function stripPython(text: string): string {
  return stripPythonEnd(text.slice(pythonIndent(text)));
}
