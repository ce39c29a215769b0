import { encodeJson } from './json.ts';

// A job may replace what it holds.
const { is } = Object;

/**
 * One value as a CSV cell, before quoting: numbers in JavaScript's shortest exact form, `NaN`, `Infinity`, `-0`,
 * `true`, null empty, nested values as JSON.
 */
export function spellCell(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return is(value, -0) ? '-0' : `${value}`;
    case 'boolean':
      return `${value}`;
    default:
      return value === null || value === undefined ? '' : encodeJson(value);
  }
}
