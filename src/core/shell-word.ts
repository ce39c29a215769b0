/**
 * A text as one word for bash, whatever it holds: nothing in it is expanded, and control characters (line feeds among them)
 * never stand there as they are. Throws where there can be no such word: for a NUL, or half a character.
 */
export function quoteForBash(text: string): string {
  if (text.includes('\0')) throw new Error('Internal error: a NUL for a shell');
  if (!text.isWellFormed()) throw new Error('Internal error: half a character for a shell');
  if (/^[\w%+./:@=-]+$/.test(text) && !text.startsWith('=')) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is spelt
  const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
  if (!control.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const spelt = Array.from(text, (character) => {
    if (control.test(character)) return Array.from(new TextEncoder().encode(character), spellByte).join('');
    return character === "'" || character === '\\' ? `\\${character}` : character;
  });
  return `$'${spelt.join('')}'`;
}

/** Three octal digits always: what follows cannot be taken for one more. */
function spellByte(byte: number): string {
  return `\\${byte.toString(8).padStart(3, '0')}`;
}
