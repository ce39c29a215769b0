/** One word for a POSIX shell, whatever is in the text. A NUL cannot be in any argument: that is a bug of the caller. */
export function quoteSh(text: string): string {
  if (text.includes('\0')) throw new Error('Internal error: a NUL for a shell');
  return `'${text.replaceAll("'", "'\\''")}'`;
}
