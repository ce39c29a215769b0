import { join } from 'node:path';
import { failed, ok, type Result } from '../core/diagnostic.ts';
import { holdsRescue, refOf } from '../core/rescue/generation.ts';
import { watchFile } from '../runtime/watch-file.ts';
import { followRescue } from './follow-rescue.ts';
import { allMachines, type Prepared } from './prepare.ts';
import type { ShareRequest } from './share-request.ts';
import { readInput, rescueFileName } from './three-files.ts';

/** Takes up what is laid beside the executable while a share is computed: a first `rescue.json`, or a later one. */
export class RescueWatch {
  readonly #warn: (message: string) => void;
  #request: ShareRequest;
  #hasTakenUp = false;
  #lastWarning = '';

  constructor(request: ShareRequest, warn: (message: string) => void) {
    this.#request = request;
    this.#warn = warn;
  }

  /** Under the rescues taken up so far. */
  get request(): ShareRequest {
    return this.#request;
  }

  get hasTakenUp(): boolean {
    return this.#hasTakenUp;
  }

  /** Calls when the jobs of this machine have become others, until what is returned is called. */
  watch(onChange: () => void): () => void {
    if (!this.#takesAny()) return () => undefined;
    return watchFile(join(this.#request.prepared.files.folder, rescueFileName), () => {
      if (this.takeUp()) onChange();
    });
  }

  /** Looks for a later rescue; says whether there is one. What cannot be used is told, and the share goes on as it was. */
  takeUp(): boolean {
    if (!this.#takesAny()) return false;
    const later = findLater(this.#request.prepared);
    if (!later.ok) {
      this.#warnOnce(`going on without rescue.json: ${later.diagnostics[0]?.message}`);
      return false;
    }
    if (later.value === undefined) return false;
    const number = later.value.rescue?.chain.generations.length;
    this.#warnOnce(`rescue ${number} has split jobs anew; going on by it`);
    this.#request = { ...this.#request, prepared: later.value };
    this.#hasTakenUp = true;
    return true;
  }

  /** N/A has all jobs anyway, a sample is nobody's share, and an engine splits by itself. */
  #takesAny(): boolean {
    const { machine, only, engine } = this.#request;
    return machine !== allMachines && only === undefined && engine === undefined;
  }

  #warnOnce(message: string): void {
    if (message !== this.#lastWarning) this.#warn(message);
    this.#lastWarning = message;
  }
}

/**
 * The plan under a `rescue.json` that was not there before; `undefined`: there is none, or the same. One that is not
 * whole, is about something else or does not go on from the one followed so far is refused.
 */
function findLater(prepared: Prepared): Result<Prepared | undefined> {
  const { files, experimentDigest, pool, resolved } = prepared;
  const file = readInput(files.folder, rescueFileName);
  if (file.text === undefined || file.text === files.rescue.text) return ok(undefined);
  const { order } = resolved.settings.run;
  const rescue = followRescue(file, { experimentDigest, order, jobs: pool.length, machines: undefined }, true);
  if (!rescue.ok) return rescue;
  if (rescue.value === undefined || rescue.value.chain.plan.planDigest !== prepared.planDigest) {
    return refuse('it is about another plan');
  }
  const followed = prepared.rescue && refOf(prepared.rescue.chain);
  if (followed !== undefined && !holdsRescue(rescue.value.chain, followed)) {
    return refuse(`it does not go on from rescue ${followed.number} (${followed.digest.slice(0, 12)})`);
  }
  return ok({ ...prepared, files: { ...files, rescue: file }, pieces: rescue.value.pieces, rescue: rescue.value });
}

function refuse(message: string): Result<never> {
  return failed({ severity: 'error', message });
}
