/** Names of columns where no two may be equal, also regardless of case, and none empty: the header's, changed where need be. */
export function uniqueNames(header: readonly string[], count: number): readonly string[] {
  const taken = new Set<string>();
  return Array.from({ length: Math.max(count, header.length) }, (_, at) => {
    const wished = (header[at] ?? '').trim() || `Column ${at + 1}`;
    let name = wished;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${wished} (${number})`;
    taken.add(name.toLowerCase());
    return name;
  });
}
