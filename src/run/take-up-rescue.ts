import { failed, ok, type Result } from '../core/diagnostic.ts';
import { holdsRescue, refOf } from '../core/rescue/generation.ts';
import { followRescue } from './follow-rescue.ts';
import { allMachines, type Prepared } from './prepare.ts';
import type { ShareRequest } from './share-request.ts';
import { readInput, rescueFileName } from './three-files.ts';

/**
 * The plan under a `rescue.json` that has been laid beside the executable since; `undefined`: there is none, or the same.
 * One that is not whole, is about something else or does not go on from the one followed so far is refused.
 */
export function findLaterRescue(prepared: Prepared): Result<Prepared | undefined> {
  const { files, experimentDigest, pool, resolved } = prepared;
  const file = readInput(files.folder, rescueFileName);
  if (file.text === undefined || file.text === files.rescue.text) return ok(undefined);
  const { order } = resolved.settings.run;
  const wish = { experimentDigest, order, jobs: pool.length, machines: undefined };
  const rescue = followRescue(file, wish, true);
  if (!rescue.ok) return rescue;
  if (rescue.value === undefined || rescue.value.chain.plan.planDigest !== prepared.planDigest) {
    return refuse('rescue.json is about another plan');
  }
  const followed = prepared.rescue && refOf(prepared.rescue.chain);
  if (followed !== undefined && !holdsRescue(rescue.value.chain, followed)) {
    return refuse(`rescue.json does not go on from rescue ${followed.number} (${followed.digest.slice(0, 12)})`);
  }
  return ok({ ...prepared, files: { ...files, rescue: file }, rescue: rescue.value });
}

/** N/A has all jobs anyway, and a sample is nobody's share. */
export function takesRescues({ machine, only }: Pick<ShareRequest, 'machine' | 'only'>): boolean {
  return machine !== allMachines && only === undefined;
}

function refuse(message: string): Result<never> {
  return failed({ severity: 'error', message });
}
