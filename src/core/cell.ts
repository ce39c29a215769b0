import { encodeJson } from './json.ts';

/**
 * One value as a CSV cell, before quoting: numbers in JavaScript's shortest exact form, `NaN`, `Infinity`, `-0`,
 * `true`, null empty, nested values as JSON.
 */
export function spellCell(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
      return String(value);
    default:
      return value === null || value === undefined ? '' : encodeJson(value);
  }
}
