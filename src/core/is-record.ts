/** Whether a value of any origin (a file, a message) is an object with members, to be looked at further. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
