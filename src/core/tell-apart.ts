/**
 * What paths are called beside each other: the last parts of each, as many as tell it from all others. Of any system: both slashes
 * separate, and at the end are left out, unless there is nothing else.
 */
export function tellApart(paths: readonly string[]): readonly string[] {
  const all = paths.map((path) => (path.replace(/[/\\]+$/, '') || path).split(/(?<=[/\\])(?=[^/\\])/));
  const names = [...paths];
  let open = all.map((_, at) => at);
  for (let count = 1; open.length > 0; count++) {
    const ends = all.map((parts) => parts.slice(-count).join(''));
    const counts = new Map<string, number>();
    for (const end of ends) counts.set(end, (counts.get(end) ?? 0) + 1);
    const isTold = (at: number): boolean => counts.get(ends[at] ?? '') === 1;
    for (const at of open) if (isTold(at)) names[at] = ends[at] ?? '';
    open = open.filter((at) => !isTold(at) && count < (all[at]?.length ?? 0));
  }
  return names;
}
