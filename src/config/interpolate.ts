/** Looks an option up as it is written, `DEFAULT` included; `undefined` where there is none. */
export type RawLookup = (section: string, name: string) => string | undefined;

export type Interpolated =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problem: string };

/** As in Python's configparser; also what ends a circle. */
const depthMax = 10;

// Ten levels of ${a}${a}… make 2^10 and more references out of a short file; Python would fill the memory.
const valueLengthMax = 1_048_576;
const valueReferencesMax = 10_000;
const fileLengthMax = 16 * valueLengthMax;
const fileReferencesMax = 100 * valueReferencesMax;

/** What the references of one file may still cost. */
interface Budget {
  length: number;
  references: number;
}

/**
 * Replaces `${name}` and `${section:name}` by their values and `$$` by `$` (Python's ExtendedInterpolation). One
 * interpolator serves one file and bounds what all its values grow to.
 */
export class Interpolator {
  readonly #lookup: RawLookup;
  readonly #file: Budget = { length: fileLengthMax, references: fileReferencesMax };

  constructor(lookup: RawLookup) {
    this.#lookup = lookup;
  }

  interpolate(value: string, section: string): Interpolated {
    if (!value.includes('$')) return { ok: true, value };
    const budget = {
      length: Math.min(valueLengthMax, this.#file.length),
      references: Math.min(valueReferencesMax, this.#file.references),
    };
    const before = { ...budget };
    const parts: string[] = [];
    const problem = new Expansion(this.#lookup, budget, parts).expand(value, section, 1);
    this.#file.length -= before.length - Math.max(0, budget.length);
    this.#file.references -= before.references - Math.max(0, budget.references);
    return problem === undefined ? { ok: true, value: parts.join('') } : { ok: false, problem };
  }
}

/** One value on its way; its methods return what is wrong, or `undefined`. */
class Expansion {
  readonly #lookup: RawLookup;
  readonly #budget: Budget;
  readonly #parts: string[];

  constructor(lookup: RawLookup, budget: Budget, parts: string[]) {
    this.#lookup = lookup;
    this.#budget = budget;
    this.#parts = parts;
  }

  expand(value: string, section: string, depth: number): string | undefined {
    if (depth > depthMax) return `\${…} within \${…} deeper than ${depthMax} levels; probably a circle`;
    let from = 0;
    for (;;) {
      const at = value.indexOf('$', from);
      const problem = this.#append(value.slice(from, at < 0 ? value.length : at));
      if (problem !== undefined || at < 0) return problem;
      if (value[at + 1] === '$') {
        const tooLong = this.#append('$');
        if (tooLong !== undefined) return tooLong;
        from = at + 2;
        continue;
      }
      const end = value[at + 1] === '{' ? value.indexOf('}', at) : -1;
      if (end <= at + 2) return '$ must be followed by $ (for a dollar sign) or by {name}';
      const wrong = this.#resolve(value.slice(at + 2, end), section, depth);
      if (wrong !== undefined) return wrong;
      from = end + 1;
    }
  }

  #resolve(path: string, section: string, depth: number): string | undefined {
    if (--this.#budget.references < 0) return 'too many references; probably values that double one another';
    const [first = '', second, ...more] = path.split(':');
    const spelt = `\${${clip(path)}}`;
    if (more.length > 0) return `${spelt} has more than one colon; write \${section:name}`;
    const [where, name] = second === undefined ? [section, first.toLowerCase()] : [first, second.toLowerCase()];
    const value = this.#lookup(where, name);
    if (value === undefined) return `${spelt} names nothing: there is no ${clip(name)} in [${clip(where)}]`;
    return value.includes('$') ? this.expand(value, where, depth + 1) : this.#append(value);
  }

  #append(text: string): string | undefined {
    this.#budget.length -= text.length;
    if (this.#budget.length < 0) return `its references make it longer than ${valueLengthMax} characters`;
    if (text !== '') this.#parts.push(text);
    return undefined;
  }
}

const clip = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);
