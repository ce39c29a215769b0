/** A text for PowerShell. It takes typographic quotes for quotes, too: any of them ends a text unless it is doubled. */
export function quotePowerShell(text: string): string {
  if (text.includes('\0')) throw new Error('Internal error: a NUL for a shell');
  return `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;
}

/** One argument within a command line, as programs for Windows take it apart (CommandLineToArgvW). */
export function quoteArgument(text: string): string {
  if (text !== '' && !/[\s"]/.test(text)) return text;
  // Backslashes count double before a quote, and only there.
  return `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}

/** As `powershell -EncodedCommand` wants it: base64 of UTF-16, which every shell leaves alone. */
export function encodeCommand(script: string): string {
  let bytes = '';
  for (let at = 0; at < script.length; at++) {
    const unit = script.charCodeAt(at);
    bytes += String.fromCharCode(unit & 0xff, unit >> 8);
  }
  return btoa(bytes);
}
