import { isNumericArray } from './json.ts';

/** Something in a value that JSON cannot hold, or would change without saying. */
export interface Unstorable {
  /** Where: `result[2].energy`. */
  readonly path: string;
  /** What it is, for people: `a function`. */
  readonly what: string;
}

/** Values nested deeper are refused: they overflow the stack of whoever reads them back. */
const depthMax = 1_000;

/** Looks for the first unstorable part of `value`; `path` names the value itself. */
export function findUnstorable(value: unknown, path = 'result'): Unstorable | undefined {
  return find(value, path, []);
}

function find(value: unknown, path: string, parents: readonly object[]): Unstorable | undefined {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'boolean':
      return undefined;
    case 'object':
      return value === null ? undefined : findInObject(value, path, parents);
    case 'undefined':
      return { path, what: 'undefined' };
    default:
      return { path, what: `a ${typeof value}` };
  }
}

function findInObject(value: object, path: string, parents: readonly object[]): Unstorable | undefined {
  if (isNumericArray(value)) return undefined;
  if (parents.includes(value)) return { path, what: 'a cycle (a part that contains itself)' };
  if (parents.length >= depthMax) return { path: path.slice(0, 200), what: `nested deeper than ${depthMax} levels` };
  const below = [...parents, value];
  if (Array.isArray(value)) return findInArray(value, path, below);
  const unlike = whyNotPlain(value);
  if (unlike !== undefined) return { path, what: unlike };
  for (const [key, item] of Object.entries(value)) {
    const found = find(item, `${path}${spellKey(key)}`, below);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findInArray(list: readonly unknown[], path: string, below: readonly object[]): Unstorable | undefined {
  for (let index = 0; index < list.length; index++) {
    if (!(index in list)) return { path: `${path}[${index}]`, what: 'a hole in an array' };
    const item = list[index];
    if (typeof item === 'number' || typeof item === 'string') continue;
    const found = find(item, `${path}[${index}]`, below);
    if (found !== undefined) return found;
  }
  return undefined;
}

function whyNotPlain(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
    return `a ${value.constructor?.name || 'class instance'}`;
  }
  if (Object.getOwnPropertySymbols(value).length > 0) return 'an object with symbols as keys';
  if ('toJSON' in value && typeof value.toJSON === 'function') return 'an object with a toJSON method';
  return undefined;
}

function spellKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
