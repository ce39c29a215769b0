import { ByteText, bytesOf } from './byte-text.ts';
import { followRecipe, type Jobs, type Recipe } from './recipe.ts';

/** Longer ends of lines cost more memory than they save time. */
const [tailsMax, tailsBytesMax] = [65_536, 1_000_000];
/** Fewer at a time are spelt as quickly one by one. */
const tailsMin = 16;
/** Lines that are put at once: what stands in front of each may be long. */
const bytesAtOnce = 65_536;

/**
 * Puts the lines of a product's jobs, each ended by a line feed: while its last parts turn, all in front of them stays the same, and is
 * copied. From the line of `index` on, as many as are at hand; returns the index of the first one that is not among them.
 * `undefined` where nothing is repeated.
 */
export function productLines(recipe: Recipe, jobs: Jobs): ((text: ByteText, index: number) => number) | undefined {
  const tails = spellTails(lastParts(recipe));
  if (tails === undefined) return undefined;
  const { length } = tails.ends;
  return (text, index) => {
    const place = index % length;
    const start = place === 0 ? 0 : (tails.ends[place - 1] ?? 0);
    const line = bytesOf(`${jobs.spell(index)}\n`);
    const head = line.subarray(0, line.length - ((tails.ends[place] ?? 0) - start));
    const count = Math.max(1, Math.min(length - place, Math.floor(bytesAtOnce / line.length)));
    text.putEach(head, tails.bytes.subarray(start), tails.ends.subarray(place, place + count), start);
    return index + count;
  };
}

/** As few as give some combinations; nothing where that would be too many. */
function lastParts(recipe: Recipe): Jobs | undefined {
  const parts = recipe.kind === 'product' ? recipe.parts : [];
  let length = 1;
  for (let from = parts.length - 1; from >= 0; from--) {
    const part = parts[from];
    length *= part?.kind === 'list' ? part.elements.length : (part?.length ?? 0);
    if (length > tailsMax) return undefined;
    if (length >= tailsMin) return followRecipe({ kind: 'product', length, parts: parts.slice(from) });
  }
  return undefined;
}

/** The last parts of each line with all that stands behind it, one after another. */
interface Tails {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

function spellTails(last: Jobs | undefined): Tails | undefined {
  if (last === undefined) return undefined;
  const text = new ByteText();
  const ends = new Uint32Array(last.length);
  for (let place = 0; place < last.length; place++) {
    // Without the bracket that opens it.
    text.put(`${last.spell(place).slice(1)}\n`);
    ends[place] = text.length;
    if (text.length > tailsBytesMax) return undefined;
  }
  return { bytes: text.bytes, ends };
}
