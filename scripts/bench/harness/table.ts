/** A Markdown table; numbers stand to the right. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = (column: number): boolean => rows.every((row) => /^[-–\d]/.test(row[column] ?? ''));
  const lines = [
    header.map(escapeCell),
    header.map((_, column) => (rows.length > 0 && column > 0 && isNumber(column) ? '---:' : '---')),
    ...rows.map((row) => row.map(escapeCell)),
  ];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** Three digits that count; larger numbers whole, with commas. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(size >= 10 ? 1 : 2);
}
