/**
 * Text from a job or a file, made safe for a terminal and for one line: control characters (C0, DEL, C1) and the
 * marks that turn the direction of writing are spelt out, a line feed as `\n`.
 */
export function escapeText(text: string): string {
  return text.replace(unsafe, spell);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The same characters in a line of JSON, which stays the same JSON: they can only stand within its strings. */
export function escapeJsonLine(line: string): string {
  return line.replace(unsafeInJson, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON has written out those below a space already. */
const unsafeInJson = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function spell(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16);
  return names[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
}
