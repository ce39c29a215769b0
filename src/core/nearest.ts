import { closest, distance } from 'fastest-levenshtein';

/** Longer names are no typing errors, and comparing them takes the product of their lengths. */
const lengthMax = 100;

/** The known name that was probably meant, or `undefined` where none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > lengthMax) return undefined;
  const differenceMax = Math.max(2, name.length / 3);
  const candidates = known.filter((candidate) => Math.abs(candidate.length - name.length) <= differenceMax);
  if (candidates.length === 0) return undefined;
  const best = closest(name.toLowerCase(), candidates);
  return distance(name.toLowerCase(), best.toLowerCase()) <= differenceMax ? best : undefined;
}
