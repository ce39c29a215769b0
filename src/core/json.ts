/**
 * Canonical JSON text of a storable value, and back. Object keys are sorted by code unit; what JSON cannot spell is
 * spelt `{"$number":"NaN"}` (also `Infinity`, `-Infinity`, `-0`). A user's object whose only key is `$number` or
 * `$literal` is wrapped as `{"$literal":{…}}`, so that decoding gives back exactly what was encoded.
 */

// A job may replace what `JSON` holds; the program's own reading and writing goes on with the true ones.
const { parse, stringify } = JSON;
const { isArray, from: listOf } = Array;
const { is } = Object;
const { isFinite: isFiniteNumber } = Number;

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** `value` must be storable (`findUnstorable` says so); anything else throws an internal error. */
export function encodeJson(value: unknown): string {
  return quickJson(value) ?? encode(value);
}

/**
 * The text of a value that is certainly storable and that `JSON.stringify` spells canonically, after sorting keys if
 * need be: nearly all values, several times as fast. `undefined`: look closer.
 */
export function quickJson(value: unknown): string | undefined {
  if (typeof value === 'number') return isTidy(value) ? `${value}` : undefined;
  const tidy = tidied(value, 0);
  return tidy === undefined ? undefined : stringify(tidy);
}

/** Cycles end here too. */
const quickDepthMax = 50;

/** What `JSON.stringify` spells canonically without a look inside. */
function isTidy(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return isFiniteNumber(value) && !is(value, -0);
    case 'string':
    case 'boolean':
      return true;
    default:
      return value === null;
  }
}

/** The value itself where its keys are in order, a copy where they are not; `undefined` where a closer look is needed. */
function tidied(value: unknown, depth: number): unknown {
  if (isTidy(value)) return value;
  if (typeof value !== 'object' || value === null || depth === quickDepthMax) return undefined;
  return isArray(value) ? tidiedList(value, depth + 1) : tidiedObject(value, depth + 1);
}

/** A hole reads as undefined, which is none. */
function tidiedList(list: readonly unknown[], depth: number): readonly unknown[] | undefined {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    if (isTidy(item)) {
      copy?.push(item);
      continue;
    }
    const tidy = tidied(item, depth);
    if (tidy === undefined) return undefined;
    if (tidy !== item) copy ??= list.slice(0, index);
    copy?.push(tidy);
  }
  return 'toJSON' in list ? undefined : (copy ?? list);
}

function tidiedObject(value: object, depth: number): object | undefined {
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return undefined;
  if (Object.getOwnPropertySymbols(value).length > 0) return undefined;
  let isSorted = true;
  let before = '';
  for (const key in value) {
    const item: unknown = value[key as keyof typeof value];
    // Keys with a meaning of their own, here or in JavaScript: `$number`, `__proto__`, `0` (which comes first always).
    if (!startsWithLetter(key)) return undefined;
    if (key < before) isSorted = false;
    before = key;
    if (isTidy(item)) continue;
    const tidy = tidied(item, depth);
    if (tidy === undefined) return undefined;
    if (tidy !== item) isSorted = false;
  }
  return isSorted ? value : sortedCopy(value, depth);
}

function startsWithLetter(key: string): boolean {
  const code = key.charCodeAt(0) | 0x20;
  return code >= 0x61 && code <= 0x7a;
}

function sortedCopy(value: object, depth: number): object {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) copy[key] = tidied(value[key as keyof typeof value], depth);
  return copy;
}

function encode(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return encodeNumber(value);
    case 'string':
      return stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : encodeObject(value);
    default:
      throw new Error(`Internal error: a ${typeof value} cannot be stored`);
  }
}

function encodeNumber(value: number): string {
  if (isFiniteNumber(value) && !is(value, -0)) return `${value}`;
  return `{"$number":"${is(value, -0) ? '-0' : value}"}`;
}

function encodeObject(value: object): string {
  if (isArray(value)) return encodeList(value);
  if (isNumericArray(value)) return encodeList(listOf(value));
  const entries: [string, unknown][] = Object.entries(value);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const text = `{${entries.map(([key, item]) => `${stringify(key)}:${encode(item)}`).join(',')}}`;
  return isReserved(entries.map(([key]) => key)) ? `{"$literal":${text}}` : text;
}

function encodeList(list: readonly unknown[]): string {
  let text = '[';
  for (let index = 0; index < list.length; index++) {
    if (index > 0) text += ',';
    text += encode(list[index]);
  }
  return `${text}]`;
}

/** A typed array of numbers (BigInt ones hold none). */
export function isNumericArray(value: object): value is Float64Array {
  return (
    ArrayBuffer.isView(value) &&
    'length' in value &&
    !(value instanceof BigInt64Array || value instanceof BigUint64Array)
  );
}

export function decodeJson(text: string): unknown {
  const value: unknown = parse(text);
  return text.includes('{"$') ? reviveJson(value) : value;
}

/** Undoes the spellings in a value that `JSON.parse` gave; parts without any come back as they are. */
export function reviveJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      if (typeof item === 'object' && item !== null) value[index] = reviveJson(item);
    }
    return value;
  }
  const entries: [string, unknown][] = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    if (first[0] === '$number') return Number(first[1]);
    if (first[0] === '$literal') return reviveMembers(first[1]);
  }
  return reviveMembers(value);
}

function reviveMembers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'object' || item === null) continue;
    // Plain assignment to a key `__proto__` would set the prototype instead.
    Object.defineProperty(value, key, {
      value: reviveJson(item),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return value;
}

function isReserved(keys: readonly string[]): boolean {
  return keys.length === 1 && (keys[0] === '$number' || keys[0] === '$literal');
}
