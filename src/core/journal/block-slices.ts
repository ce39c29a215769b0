import { blockHeadEnd } from './block.ts';

/** The lists of a block, cut into one text per job. Nothing of users' data is decoded: that costs several times as much. */
export interface BlockSlices {
  /** In canonical JSON, as the worker spelt it. */
  readonly args: readonly string[];
  readonly begin: readonly number[];
  readonly run: readonly number[];
  readonly late: readonly number[] | undefined;
  /** Each a list of rows, in canonical JSON. */
  readonly rows: readonly string[];
  /** Of each job a list, or null; decoded and not checked. */
  readonly files: readonly unknown[] | undefined;
}

/** Of one row that holds nothing but numbers: what no JSON parser has to look at. */
const numbersRow = /^\[\[(?:-?\d+(?:\.\d+)?(?:e[-+]\d+)?(?:,(?=[-\d])|(?=\])))*\]\]$/;

/** Whether the text of a job's rows is one row of numbers (or of nothing). */
export function isNumbersRow(rowsJson: string): boolean {
  return numbersRow.test(rowsJson);
}

/**
 * Cuts a whole line of type `block`, of which the checksum is right and the head is known to be good, where it is spelt
 * exactly as `block-text.ts` does it. `undefined` for any other spelling: then `decodeBlock` has to say what it holds.
 */
export function sliceBlock(line: string, jobs: number): BlockSlices | undefined {
  const cutter = new Cutter(line, line.indexOf(blockHeadEnd));
  const args = cutter.take('args');
  const begin = cutter.takeNumbers('begin');
  const run = cutter.takeNumbers('run');
  const late = cutter.takeNumbers('late');
  const rows = cutter.take('rows');
  const files = cutter.takeRest('files');
  if (!cutter.isAtEnd || args === undefined || begin === undefined || run === undefined || rows === undefined) {
    return undefined;
  }
  const lists: readonly (readonly unknown[] | undefined)[] = [args, begin, run, rows, late ?? args, files ?? args];
  if (lists.some((list) => list?.length !== jobs)) return undefined;
  if (!rows.every(isNumbersRow) && !isJson(line)) return undefined;
  return args.every(isList) && rows.every(isListOfLists) ? { args, begin, run, late, rows, files } : undefined;
}

class Cutter {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at < 0 ? text.length : at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length - 1 && this.#text.endsWith('}');
  }

  /** The elements of a list that stands here under this name. */
  take(name: string): readonly string[] | undefined {
    const from = this.#valueOf(name);
    if (from === undefined) return undefined;
    const elements: string[] = [];
    const end = cutList(this.#text, from, elements);
    if (end === undefined) return undefined;
    this.#at = end + 1;
    return elements;
  }

  takeNumbers(name: string): readonly number[] | undefined {
    const from = this.#valueOf(name);
    if (from === undefined) return undefined;
    const end = this.#text.indexOf(']', from);
    const list = parseList(this.#text.slice(from, end + 1));
    if (list === undefined || !list.every(isTime)) return undefined;
    this.#at = end + 1;
    return list;
  }

  /** The last member of all. */
  takeRest(name: string): readonly unknown[] | undefined {
    const from = this.#valueOf(name);
    const list = from === undefined ? undefined : parseList(this.#text.slice(from, -1));
    if (list !== undefined) this.#at = this.#text.length - 1;
    return list;
  }

  #valueOf(name: string): number | undefined {
    const start = `,"${name}":`;
    return this.#text.startsWith(`${start}[`, this.#at) ? this.#at + start.length : undefined;
  }
}

const [quote, comma, open, close, openBrace, closeBrace, backslash] = [0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d, 0x5c];

/** `from`: its opening bracket. Returns where its closing one is. */
function cutList(text: string, from: number, elements: string[]): number | undefined {
  let depth = 0;
  let start = from + 1;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === comma) {
      if (depth !== 1) continue;
      elements.push(text.slice(start, at));
      start = at + 1;
    } else if (code === quote) {
      at = endOfString(text, at);
      if (at < 0) return undefined;
    } else if (code === open || code === openBrace) depth++;
    else if (code === close || code === closeBrace) {
      if (--depth > 0) continue;
      elements.push(text.slice(start, at));
      return at;
    }
  }
  return undefined;
}

/** Where the quote is that closes a string; below 0 where none does. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at;
    while (text.charCodeAt(before - 1) === backslash) before--;
    if ((at - before) % 2 === 0) return at;
  }
  return -1;
}

function parseList(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** As `decodeBlock` has it: of three of them a date can be made. */
const isTime = (item: unknown): item is number => typeof item === 'number' && Math.abs(item) <= 2.8e15;

const isList = (text: string): boolean => text.startsWith('[') && text.endsWith(']');

function isListOfLists(text: string): boolean {
  if (text === '[]') return true;
  if (!isList(text)) return false;
  const elements: string[] = [];
  // A row of numbers is the whole of nearly all texts.
  return isNumbersRow(text) || (cutList(text, 0, elements) === text.length - 1 && elements.every(isList));
}
