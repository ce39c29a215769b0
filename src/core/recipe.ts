import type { ByteText } from './byte-text.ts';
import { decodeJson, encodeJson } from './json.ts';

// A job may replace what these hold.
const { floor } = Math;
const List = Array;

/**
 * How a pool is made, as plain data: whoever has it computes any job from its index alone, so that a worker is sent
 * indices instead of arguments.
 */
export type Recipe =
  /** `(first + index * step) / scale`, one number each. */
  | {
      readonly kind: 'range';
      readonly length: number;
      readonly first: number;
      readonly step: number;
      readonly scale: number;
    }
  /** One element each, in canonical JSON. */
  | { readonly kind: 'list'; readonly elements: readonly string[] }
  /** Every combination, the last part turning fastest. */
  | { readonly kind: 'product'; readonly length: number; readonly parts: readonly Recipe[] }
  /** The parts side by side. */
  | { readonly kind: 'zip'; readonly length: number; readonly parts: readonly Recipe[] };

/** What a recipe makes. */
export interface Jobs {
  readonly length: number;
  /** The arguments of a job, all of them new: a job may change what it is given. Behind them is room for so many more. */
  args(index: number, room?: number): unknown[];
  /** The same in canonical JSON. */
  spell(index: number): string;
  /** The same straight to bytes. */
  put(text: ByteText, index: number): void;
}

export function followRecipe(recipe: Recipe): Jobs {
  const part = follow(recipe);
  return {
    length: part.length,
    args: (index, room = 0) => {
      // Of the right length at once: at the first `push` V8 makes room for seventeen.
      const args = new List<unknown>(part.width + room);
      part.fill(args, 0, index);
      return args;
    },
    spell: (index) => `[${part.spell(index)}]`,
    put: (text, index) => {
      text.put('[');
      part.put(text, index);
      text.put(']');
    },
  };
}

/** Arguments at a time: those of one part of a job. (Classes: what closures share, V8 does not inline.) */
interface Part {
  readonly length: number;
  /** How many arguments. */
  readonly width: number;
  /** From this place on. */
  fill(args: unknown[], from: number, index: number): void;
  /** In canonical JSON, between commas, without brackets. */
  spell(index: number): string;
  put(text: ByteText, index: number): void;
}

function follow(recipe: Recipe): Part {
  switch (recipe.kind) {
    case 'range':
      return new RangePart(recipe);
    case 'list':
      return new ListPart(recipe.elements);
    case 'product':
      return sideBySide(recipe.length, turnAll(recipe.length, recipe.parts.map(follow)));
    case 'zip':
      return sideBySide(recipe.length, recipe.parts.map(follow));
  }
}

/** A text is quicker found than made; more of them would only fill the memory. */
const keptTextsMax = 65_536;

class RangePart implements Part {
  readonly length: number;
  readonly width: number = 1;
  readonly #first: number;
  readonly #step: number;
  readonly #scale: number;
  #texts: (string | undefined)[] | undefined;

  constructor({ length, first, step, scale }: Extract<Recipe, { kind: 'range' }>) {
    this.length = length;
    this.#first = first;
    this.#step = step;
    this.#scale = scale;
  }

  fill(args: unknown[], from: number, index: number): void {
    args[from] = this.#at(index);
  }

  spell(index: number): string {
    if (this.length > keptTextsMax) return encodeJson(this.#at(index));
    this.#texts ??= new List<string | undefined>(this.length).fill(undefined);
    const text = this.#texts[index] ?? encodeJson(this.#at(index));
    this.#texts[index] = text;
    return text;
  }

  put(text: ByteText, index: number): void {
    const value = this.#at(index);
    // (-0 has a spelling of its own.)
    if (value > 0 && value === (value | 0)) text.putInteger(value);
    else text.put(this.spell(index));
  }

  #at(index: number): number {
    return (this.#first + index * this.#step) / this.#scale;
  }
}

class ListPart implements Part {
  readonly length: number;
  readonly width: number = 1;
  readonly #texts: readonly string[];
  readonly #values: readonly unknown[];

  constructor(texts: readonly string[]) {
    this.length = texts.length;
    this.#texts = texts;
    this.#values = texts.map(decodeJson);
  }

  /** An object is made anew for each job, which may write into it. */
  fill(args: unknown[], from: number, index: number): void {
    const value = this.#values[index];
    args[from] = typeof value === 'object' && value !== null ? decodeJson(this.spell(index)) : value;
  }

  spell(index: number): string {
    return this.#texts[index] ?? '';
  }

  put(text: ByteText, index: number): void {
    text.put(this.spell(index));
  }
}

/** The last part goes on by one with every job, each other one when those behind it have gone round. */
function turnAll(length: number, parts: readonly Part[]): readonly Part[] {
  let stride = length;
  return parts.map((part) => {
    stride = part.length === 0 ? 0 : stride / part.length;
    return new TurningPart(part, stride);
  });
}

/** Goes on by one every `stride` jobs, over and over. */
class TurningPart implements Part {
  readonly length: number;
  readonly width: number;
  readonly #part: Part;
  readonly #stride: number;

  constructor(part: Part, stride: number) {
    this.length = part.length;
    this.width = part.width;
    this.#part = part;
    this.#stride = stride;
  }

  fill(args: unknown[], from: number, index: number): void {
    this.#part.fill(args, from, this.#place(index));
  }

  spell(index: number): string {
    return this.#part.spell(this.#place(index));
  }

  put(text: ByteText, index: number): void {
    this.#part.put(text, this.#place(index));
  }

  #place(index: number): number {
    const turns = floor(index / this.#stride);
    return turns < this.length ? turns : turns - this.length * floor(turns / this.length);
  }
}

/** No comma stands beside nothing: products of nothing have no arguments. */
function sideBySide(length: number, parts: readonly Part[]): Part {
  return new Parts(
    length,
    parts.filter(({ width }) => width > 0),
  );
}

class Parts implements Part {
  readonly length: number;
  readonly width: number;
  readonly #parts: readonly Part[];

  constructor(length: number, parts: readonly Part[]) {
    this.length = length;
    this.width = parts.reduce((sum, { width }) => sum + width, 0);
    this.#parts = parts;
  }

  fill(args: unknown[], from: number, index: number): void {
    let next = from;
    for (let at = 0; at < this.#parts.length; at++) {
      this.#parts[at]?.fill(args, next, index);
      next += this.#parts[at]?.width ?? 0;
    }
  }

  spell(index: number): string {
    let text = '';
    for (let at = 0; at < this.#parts.length; at++) {
      const own = this.#parts[at]?.spell(index) ?? '';
      text = at === 0 ? own : `${text},${own}`;
    }
    return text;
  }

  put(text: ByteText, index: number): void {
    for (let at = 0; at < this.#parts.length; at++) {
      if (at > 0) text.putComma();
      this.#parts[at]?.put(text, index);
    }
  }
}
