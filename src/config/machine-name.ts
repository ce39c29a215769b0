const reserved: ReadonlySet<string> = new Set(['all', 'merged', 'auto', 'n/a']);
const lengthMax = 100;

/** Says why a text cannot be a machine's name, or `undefined`. */
export function whyNoMachineName(name: string): { readonly message: string; readonly hint: string } | undefined {
  if (name.startsWith('<')) {
    const message = `the template is not filled in: ${JSON.stringify(name)} is a placeholder`;
    return { message, hint: 'write the names of your machines, their speed and their cores' };
  }
  if (name.trim() === '') return { message: 'a machine must have a name', hint: 'for example "lab1"' };
  if (name.length > lengthMax) return { message: 'the name is too long', hint: `at most ${lengthMax} characters` };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name))
    return { message: 'a control character in the name', hint: 'remove it' };
  if (!name.isWellFormed()) return { message: 'half a character in the name', hint: 'write the whole character' };
  if (!reserved.has(name.toLowerCase())) return undefined;
  return { message: `the name ${JSON.stringify(name)} is reserved`, hint: 'all, merged, auto and N/A have a meaning' };
}

// Windows takes these for devices, with any ending.
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;

/**
 * The name as part of a folder's name on every system: what is not allowed somewhere is written `%2F`, UTF-8 byte
 * by byte, as in addresses. Different names give different texts.
 */
export function escapeMachineName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are escaped
  const escaped = name.replace(/[%/\\:*?"<>|\u0000-\u001f\u007f-\u009f]|[. ]$|^[. -]/g, encodeBytes);
  return device.test(escaped) ? `${encodeBytes(escaped.charAt(0))}${escaped.slice(1)}` : escaped;
}

function encodeBytes(character: string): string {
  const bytes = new TextEncoder().encode(character);
  return Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
