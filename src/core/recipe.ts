import { decodeJson, encodeJson } from './json.ts';

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
  /** The arguments of a job, all of them new: a job may change what it is given. */
  args(index: number): unknown[];
  /** The same in canonical JSON. */
  spell(index: number): string;
}

export function followRecipe(recipe: Recipe): Jobs {
  const part = follow(recipe);
  return {
    length: part.length,
    args: (index) => {
      const args: unknown[] = [];
      part.push(args, index);
      return args;
    },
    spell: (index) => `[${part.spell(index)}]`,
  };
}

/** Arguments at a time: those of one part of a job. */
interface Part {
  readonly length: number;
  push(args: unknown[], index: number): void;
  /** In canonical JSON, between commas, without brackets. */
  spell(index: number): string;
}

function follow(recipe: Recipe): Part {
  switch (recipe.kind) {
    case 'range':
      return cached(followRange(recipe));
    case 'list':
      return followList(recipe.elements);
    case 'product':
      return followProduct(recipe.length, recipe.parts.map(follow));
    case 'zip':
      return followZip(recipe.length, recipe.parts.map(follow));
  }
}

function followRange({ length, first, step, scale }: Extract<Recipe, { kind: 'range' }>): Part {
  const at = (index: number): number => (first + index * step) / scale;
  return {
    length,
    push: (args, index) => void args.push(at(index)),
    spell: (index) => encodeJson(at(index)),
  };
}

/** A text is quicker found than made; longer parts would only fill the memory. */
const cachedLengthMax = 4_096;

function cached(part: Part): Part {
  if (part.length > cachedLengthMax) return part;
  const texts: string[] = [];
  for (let index = 0; index < part.length; index++) texts.push(part.spell(index));
  return { ...part, spell: (index) => texts[index] ?? '' };
}

function followList(elements: readonly string[]): Part {
  const values: unknown[] = elements.map(decodeJson);
  return {
    length: elements.length,
    push: (args, index) => {
      const value = values[index];
      // An object is made anew for each job, which may write into it.
      args.push(typeof value === 'object' && value !== null ? decodeJson(elements[index] ?? '') : value);
    },
    spell: (index) => elements[index] ?? '',
  };
}

function followProduct(length: number, parts: readonly Part[]): Part {
  let stride = length;
  const strides = parts.map((part) => {
    stride = part.length === 0 ? 0 : stride / part.length;
    return stride;
  });
  return {
    length,
    push: (args, index) => {
      let rest = index;
      for (let at = 0; at < parts.length; at++) {
        const stride = strides[at] ?? 1;
        const digit = Math.floor(rest / stride);
        rest -= digit * stride;
        parts[at]?.push(args, digit);
      }
    },
    spell: (index) => {
      let rest = index;
      let text = '';
      for (let at = 0; at < parts.length; at++) {
        const stride = strides[at] ?? 1;
        const digit = Math.floor(rest / stride);
        rest -= digit * stride;
        text = join(text, parts[at]?.spell(digit) ?? '');
      }
      return text;
    },
  };
}

function followZip(length: number, parts: readonly Part[]): Part {
  return {
    length,
    push: (args, index) => {
      for (const part of parts) part.push(args, index);
    },
    spell: (index) => {
      let text = '';
      for (const part of parts) text = join(text, part.spell(index));
      return text;
    },
  };
}

function join(before: string, after: string): string {
  return before === '' ? after : after === '' ? before : `${before},${after}`;
}
