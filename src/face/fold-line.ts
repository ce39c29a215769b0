/** Where what is said of something begins, in `Digest      safe issue …`. */
const indent = 12;

/** A line of ASCII text as lines that fit into so many columns, broken at spaces; longer words stay whole. */
export function foldLine(text: string, columns: number): readonly string[] {
  if (text.length <= columns || columns <= 2 * indent) return [text];
  const lines: string[] = [];
  let rest = text;
  while (rest.length > columns) {
    const end = rest.lastIndexOf(' ', columns);
    if (end <= indent) break;
    lines.push(rest.slice(0, end));
    rest = ' '.repeat(indent) + rest.slice(end + 1);
  }
  return [...lines, rest];
}
