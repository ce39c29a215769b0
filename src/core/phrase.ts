import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { Hex } from './ids.ts';

const words = 6;
/** 2^11 words in the list. */
const bitsPerWord = 11;
/** Fewer digits would be no check. */
const hexDigitsMin = 16;

/** Six words of the BIP-39 English list for the first 66 bits of a digest: something to compare over a telephone. */
export function phraseOf(digest: Hex): string {
  const bits = BigInt(`0x${digest}`) >> BigInt(256 - words * bitsPerWord);
  const phrase: string[] = [];
  for (let word = words - 1; word >= 0; word--) {
    phrase.push(wordlist[Number((bits >> BigInt(word * bitsPerWord)) & 0x7ffn)] ?? '');
  }
  return phrase.join(' ');
}

/** Whether what a person gave (six words, or at least 16 hex digits from the start) is this digest. */
export function matchesDigest(given: string, digest: Hex): boolean {
  const text = given.trim().toLowerCase();
  if (/^[0-9a-f]+$/.test(text)) return text.length >= hexDigitsMin && digest.startsWith(text);
  return text.split(/[\s\-,]+/).join(' ') === phraseOf(digest);
}
