import { wordlist } from '@scure/bip39/wordlists/english.js';
import { hashTexts } from './hash.ts';
import type { Hex } from './ids.ts';
import { encodeJson } from './json.ts';
import { nearestName } from './nearest.ts';
import type { PlanFacts } from './plan-facts.ts';

/** The parts that machines must have in common, in the order of the words of the phrase. */
export const agreementParts = ['pool', 'runner.config', 'machines.json', 'header.csv', 'code'] as const;
export type AgreementPart = (typeof agreementParts)[number];

/** What people compare before they start. */
export interface Agreement {
  readonly parts: Readonly<Record<AgreementPart, Hex>>;
  /** Over all parts and the plan digest. */
  readonly whole: Hex;
}

/** 2^11 words in the list. */
const bitsPerWord = 11;
const digitsPerGroup = 6;

export function agreementOf({ pool, config, machines, header, code, planDigest }: PlanFacts): Agreement {
  const partOf = (part: AgreementPart, value: unknown): Hex => hashTexts(`job-splitter/${part}/v1`, encodeJson(value));
  const parts = {
    pool: partOf('pool', pool.digest),
    'runner.config': partOf('runner.config', config),
    'machines.json': partOf('machines.json', machines),
    'header.csv': partOf('header.csv', header),
    code: partOf('code', code),
  };
  return { parts, whole: hashTexts('job-splitter/agreement/v1', ...Object.values(parts), planDigest) };
}

/**
 * Six words of the BIP-39 English list, something to compare over a telephone: one for each part, so that the word
 * that differs names the culprit, and one over everything. A change in one part goes unseen with a probability of
 * 2^-22 (its own word and the last).
 */
export function phraseOf(agreement: Agreement): string {
  return digestsOf(agreement).map(wordOf).join(' ');
}

/** The same as 36 hex digits in six groups; here a change goes unseen with 2^-48. */
export function hexOf(agreement: Agreement): string {
  return digestsOf(agreement).map(groupOf).join('-');
}

export type Expectation =
  | { readonly kind: 'met' }
  /** `parts` may be empty: the parts' words agree by chance, the last does not. */
  | { readonly kind: 'differs'; readonly parts: readonly AgreementPart[] }
  | { readonly kind: 'malformed'; readonly problem: string };

/** Holds six words or 36 hex digits, as a person gave them, against the agreement here. */
export function compareExpectation(given: string, agreement: Agreement): Expectation {
  const text = given.trim().toLowerCase();
  const compact = text.replace(/[\s\-,]+/g, '');
  const isHex = /^[0-9a-f]+$/.test(compact) && /\d/.test(compact);
  const found = isHex ? (compact.match(/.{1,6}/g) ?? []) : text.split(/[\s\-,]+/);
  const problem = isHex ? whyNoHex(compact) : whyNoPhrase(found);
  if (problem !== undefined) return { kind: 'malformed', problem };
  const own = digestsOf(agreement).map(isHex ? groupOf : wordOf);
  const differing = own.flatMap((item, at) => (item === found[at] ? [] : [at]));
  if (differing.length === 0) return { kind: 'met' };
  return { kind: 'differs', parts: agreementParts.filter((_, at) => differing.includes(at)) };
}

function digestsOf({ parts, whole }: Agreement): readonly Hex[] {
  return [...agreementParts.map((part) => parts[part]), whole];
}

function wordOf(digest: Hex): string {
  return wordlist[Number.parseInt(digest.slice(0, 8), 16) >>> (32 - bitsPerWord)] ?? '';
}

function groupOf(digest: Hex): string {
  return digest.slice(0, digitsPerGroup);
}

function whyNoHex(digits: string): string | undefined {
  const wanted = (agreementParts.length + 1) * digitsPerGroup;
  return digits.length === wanted ? undefined : `${wanted} hex digits are needed, these are ${digits.length}`;
}

function whyNoPhrase(words: readonly string[]): string | undefined {
  const wanted = agreementParts.length + 1;
  if (words.length !== wanted) return `six words are needed, these are ${words.length}`;
  const unknown = words.find((word) => !wordlist.includes(word));
  if (unknown === undefined) return undefined;
  const near = nearestName(unknown, wordlist);
  return `${JSON.stringify(unknown)} is not one of the words${near === undefined ? '' : `; is ${near} meant?`}`;
}
