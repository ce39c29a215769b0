/** What was thrown, in one line; safe whatever it is: a job may throw anything, also what throws when it is looked at. */
export function messageOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return `${String(thrown.name)}: ${String(thrown.message)}`;
    return `threw ${typeof thrown === 'string' ? JSON.stringify(thrown) : String(thrown)}`;
  } catch {
    return 'threw something that cannot be shown';
  }
}
