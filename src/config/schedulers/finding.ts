import type { Diagnostic } from '../../core/diagnostic.ts';
import type { EqualShare } from '../../core/equal-shares.ts';
import type { Environment } from '../environment.ts';

/** What the variables of one scheduler say. `from`: those it was taken from, with their values. */
export type Finding =
  | { readonly kind: 'share'; readonly share: EqualShare; readonly from: string }
  /** Which one this is can be known, or not even that; not of how many. */
  | { readonly kind: 'unusable'; readonly diagnostic: Diagnostic; readonly from: string };

/** Whole numbers in the environment. */
export class Numbers {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** `undefined`: it is not set, or is no whole number below 2^32. */
  get(name: string): number | undefined {
    const text = this.#environment[name]?.trim() ?? '';
    return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 ? Number(text) : undefined;
  }

  /** Whether it is there and not empty. */
  has(name: string): boolean {
    return (this.#environment[name]?.trim() ?? '') !== '';
  }

  /** `A=1, B=2`, of those that are there. */
  spell(names: readonly string[]): string {
    return names
      .filter((name) => this.has(name))
      .map((name) => `${name}=${shorten(this.#environment[name] ?? '')}`)
      .join(', ');
  }
}

/** It may hold anything. */
function shorten(text: string): string {
  return /^[\w.:-]{1,20}$/.test(text) ? text : JSON.stringify(text.slice(0, 20));
}

export function unusable(from: string, message: string, hint: string): Finding {
  return { kind: 'unusable', diagnostic: { severity: 'error', message, hint }, from };
}

/** The index is there, and what it is the index of cannot be known. `flag` is what gives it. */
export function withoutCount(from: string, what: string, flag: string): Finding {
  const hint = `the number of shares is never guessed; give it: ${flag}, with the number of all elements for N`;
  return unusable(from, `${what} says which share this is (${from}), but nothing says of how many`, hint);
}
