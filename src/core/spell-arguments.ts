import { encodeJson, quickJson } from './json.ts';
import { findUnstorable } from './storable.ts';

/** A job's arguments in canonical JSON. Throws a RangeError that names the place of an argument that cannot be stored. */
export function spellArguments(job: readonly unknown[], index: number): string {
  const quick = quickJson(job);
  if (quick !== undefined) return quick;
  const bad = findUnstorable(job, `jobs[${index}]`);
  if (bad !== undefined) throw new RangeError(`${bad.path} is ${bad.what}; a job's arguments must be JSON values`);
  return encodeJson(job);
}
