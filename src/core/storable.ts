import { isNumericArray } from './json.ts';
import { messageOf } from './thrown.ts';

// A job may replace what it holds.
const { isArray, from: listOf } = Array;

/** Something in a value that JSON cannot hold, or would change without saying. */
export interface Unstorable {
  /** Where: `result[2].energy`. */
  readonly path: string;
  /** What it is, for people: `a function`. */
  readonly what: string;
}

export type Copied =
  | { readonly ok: true; readonly value: unknown }
  | ({ readonly ok: false; readonly isTooLarge: boolean } & Unstorable);

/** Values nested deeper are refused: they overflow the stack of whoever reads them back. */
const depthMax = 1_000;

/** Looks for the first unstorable part of `value`; `path` names the value itself. */
export function findUnstorable(value: unknown, path = 'result'): Unstorable | undefined {
  const copied = copyStorable(value, path);
  return copied.ok ? undefined : copied;
}

/**
 * A copy of plain data, checked while it is made: every part is read once, so that a getter, a proxy or another thread cannot
 * show one value to the check and another to the file. `charsMax` bounds the JSON text, roughly.
 */
export function copyStorable(value: unknown, path: string, charsMax: number = Number.POSITIVE_INFINITY): Copied {
  try {
    return { ok: true, value: new Copier(charsMax).copy(value, path) };
  } catch (thrown) {
    if (thrown instanceof Refusal) {
      return { ok: false, path: thrown.path, what: thrown.message, isTooLarge: thrown.isTooLarge };
    }
    return { ok: false, path, what: `a value that cannot be read (${messageOf(thrown)})`, isTooLarge: false };
  }
}

class Refusal extends Error {
  readonly path: string;
  readonly isTooLarge: boolean;
  constructor(path: string, what: string, isTooLarge = false) {
    super(what);
    this.path = path;
    this.isTooLarge = isTooLarge;
  }
}

class Copier {
  readonly #parents: object[] = [];
  #charsLeft: number;

  constructor(charsLeft: number) {
    this.#charsLeft = charsLeft;
  }

  copy(value: unknown, path: string): unknown {
    switch (typeof value) {
      case 'string':
        this.#count(value.length + 2, path);
        return value;
      case 'number':
      case 'boolean':
        this.#count(1, path);
        return value;
      case 'object':
        return value === null ? null : this.#copyObject(value, path);
      case 'undefined':
        throw new Refusal(path, 'undefined');
      default:
        throw new Refusal(path, `a ${typeof value}`);
    }
  }

  #count(chars: number, path: string): void {
    this.#charsLeft -= chars;
    if (this.#charsLeft < 0) throw new Refusal(path, 'too large', true);
  }

  #copyObject(value: object, path: string): unknown {
    if (isNumericArray(value)) {
      this.#count(2 * value.length, path);
      return listOf(value);
    }
    if (this.#parents.includes(value)) throw new Refusal(path, 'a cycle (a part that contains itself)');
    if (this.#parents.length >= depthMax)
      throw new Refusal(path.slice(0, 200), `nested deeper than ${depthMax} levels`);
    this.#parents.push(value);
    const copy = isArray(value) ? this.#copyList(value, path) : this.#copyMembers(value, path);
    this.#parents.pop();
    return copy;
  }

  #copyList(list: readonly unknown[], path: string): unknown[] {
    const { length } = list;
    const copy: unknown[] = [];
    // (A job may replace `push`.)
    for (let index = 0; index < length; index++) {
      const item = list[index];
      // The usual cells, without a text for their path.
      if (typeof item === 'number' || typeof item === 'string') {
        this.#count(typeof item === 'number' ? 2 : item.length + 3, path);
        copy[index] = item;
        continue;
      }
      const itemPath = `${path}[${index}]`;
      if (item === undefined && !(index in list)) throw new Refusal(itemPath, 'a hole in an array');
      copy[index] = this.copy(item, itemPath);
    }
    return copy;
  }

  #copyMembers(value: object, path: string): unknown {
    const unlike = whyNotPlain(value);
    if (unlike !== undefined) throw new Refusal(path, unlike);
    const entries = Object.keys(value).map((key): [string, unknown] => {
      this.#count(key.length + 4, path);
      const itemPath = `${path}${spellKey(key)}`;
      return [key, this.copy(readMember(value, key, itemPath), itemPath)];
    });
    // Unlike an assignment, this makes a member of the key `__proto__`.
    return Object.fromEntries(entries);
  }
}

function readMember(value: object, key: string, path: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[key];
  } catch (thrown) {
    throw new Refusal(path, `a getter that throws (${messageOf(thrown)})`);
  }
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
