export interface NamePattern {
  readonly prefix: string;
  readonly suffix: string;
}

/** Between which beginning and end a shell's `*` stands for these names, and for no other one of those in the same place. */
export function findNamePattern(names: readonly string[], entries: readonly string[]): NamePattern | undefined {
  const prefix = findPrefix(names.map((name) => [...name]));
  const ends = names.map((name) => [...name.slice(prefix.length)].reverse());
  const suffix = [...findPrefix(ends)].reverse().join('');
  // `*` alone says nothing, and passes over names that begin with a dot.
  if (prefix === '' || prefix.startsWith('.')) return undefined;
  const fits = (name: string): boolean =>
    name.length >= prefix.length + suffix.length && name.startsWith(prefix) && name.endsWith(suffix);
  const wanted = new Set(names);
  const found = entries.filter(fits);
  return found.length === wanted.size && found.every((name) => wanted.has(name)) ? { prefix, suffix } : undefined;
}

/** By whole characters: half a one is nothing that could be typed. */
function findPrefix([first = [], ...others]: readonly (readonly string[])[]): string {
  const end = first.findIndex((character, at) => others.some((other) => other[at] !== character));
  return first.slice(0, end === -1 ? undefined : end).join('');
}
