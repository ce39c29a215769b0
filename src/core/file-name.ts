/** Most file systems take 255 bytes; some room is left for an ending. */
const bytesMax = 200;
// Windows takes these for devices, with any ending.
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/** Says why a text cannot be a file's name on every system, or `undefined`. */
export function whyNoFileName(name: string): string | undefined {
  if (typeof name !== 'string' || name === '') return 'it is empty';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  const forbidden = /[/\\:*?"<>|\u0000-\u001f\u007f-\u009f]/.exec(name)?.[0];
  if (forbidden !== undefined) return `it has the character ${JSON.stringify(forbidden)} in it`;
  if (/[. ]$/.test(name)) return 'it ends in a dot or a space';
  if (device.test(name)) return 'Windows takes it for a device';
  if (!name.isWellFormed()) return 'it has half a character in it';
  if (new TextEncoder().encode(name).length > bytesMax) return `it is longer than ${bytesMax} bytes`;
  return undefined;
}
