import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { digestPlan } from '../core/digest.ts';
import { formatCountOf } from '../core/format-count.ts';
import type { Hex } from '../core/ids.ts';
import type { JournalFold } from '../core/journal/fold.ts';
import type { JournalHeader } from '../core/journal/record.ts';
import { describePlanChange, findSettingsChange } from '../core/plan-change.ts';
import { holdsRescue, refOf } from '../core/rescue/generation.ts';
import { allMachines, type Prepared } from './prepare.ts';
import { recordPlan } from './recorded-plan.ts';
import type { ShareRequest } from './share-request.ts';

/** Code mended midway: fingerprints of what ran last, and of this program. */
export interface CodeChange {
  readonly older: string;
  readonly newer: string;
}

const changesShown = 5;
const waysOut = '--fresh moves the old results aside; --out FOLDER writes elsewhere';

/** `joins`: a campaign brings its jobs. */
type Wish = Pick<ShareRequest, 'prepared' | 'machine'> & { readonly joins?: boolean };

/** Decides whether a journal can be gone on with: only the pool (and the code) may have changed. */
export function checkResume(
  fold: JournalFold,
  { prepared, machine, joins = false }: Wish,
  folder: string,
): Result<undefined> {
  const { header } = fold;
  if (header === undefined) {
    if (fold.sessions.length === 0) return ok(undefined);
    return refuse(`${folder}: the first line of journal.jsonl is damaged; what it is about cannot be known`, waysOut);
  }
  if (header.machine !== machine) {
    const names = `${spell(header.machine)}, not ${spell(machine)}`;
    return refuse(`${folder} holds the jobs of ${names}`, '--out FOLDER writes elsewhere');
  }
  if (header.experiment !== prepared.name) {
    return refuse(`${folder} holds another experiment: ${header.experiment}, not ${prepared.name}`, waysOut);
  }
  if (header.joined === true && !joins) {
    const message = `${folder} belongs to a campaign: its jobs came from a server, and others may have done the rest`;
    return refuse(message, `--engine nats://… (or @engine.url) goes on; ${waysOut}`);
  }
  const same = checkExperiment(header, fold, prepared, folder);
  if (!same.ok) return same;
  const plan = checkMachines(header, fold, { prepared, machine }, folder);
  return plan.ok ? checkRescue(fold, prepared, folder) : plan;
}

/**
 * Whoever has gone by a rescue goes on by it, or by a later one: else jobs might be nobody's. A rescue is of one pool: where
 * that has changed, all begins anew with the shares.
 */
export function checkRescue(
  fold: JournalFold,
  { rescue, experimentDigest }: Prepared,
  folder: string,
): Result<undefined> {
  if (fold.experimentDigest !== experimentDigest) return ok(undefined);
  const { sessions } = fold;
  const followed = sessions.findLast((session) => session.rescue !== undefined)?.rescue;
  if (followed === undefined || (rescue !== undefined && holdsRescue(rescue.chain, followed))) return ok(undefined);
  const here = rescue === undefined ? undefined : refOf(rescue.chain);
  const what = `${folder} went on by rescue ${followed.number} (${followed.digest.slice(0, 12)})`;
  const hint = `copy the rescue.json that holds rescue ${followed.number} beside machines.json; ${waysOut}`;
  if (here === undefined) return refuse(`${what}, and there is no rescue.json any more`, hint);
  const isOlder = here.number < followed.number;
  return refuse(
    `${what}; rescue.json here ${isOlder ? 'is older' : 'is another one'}: number ${here.number} (${here.digest.slice(0, 12)})`,
    hint,
  );
}

/** Whether a journal is of the experiment as it is now, which may have another pool. Refusals say what differs. */
export function checkExperiment(
  header: JournalHeader,
  fold: JournalFold,
  prepared: Prepared,
  folder: string,
): Result<undefined> {
  const { experimentDigest, seed } = prepared;
  if (fold.experimentDigest === experimentDigest && header.seed === seed) return ok(undefined);
  if (header.plan === undefined) {
    const message = `${folder} holds another experiment: its jobs or settings differ, or the seed`;
    return refuse(`${message} (an earlier version wrote it, which did not record more)`, waysOut);
  }
  const { changes, adds } = findSettingsChange(header.plan, recordPlan(prepared));
  if (changes.length > 0) {
    const message = `${folder} holds another experiment: ${list(changes)}`;
    const back = adds && header.joined !== true ? `set it back to go on (${defaultInCode})` : 'set it back to go on';
    return refuse(message, mayHoldRows(fold) ? `${back}; ${waysOut}` : `no job has succeeded there: ${waysOut}`);
  }
  return header.seed === seed ? ok(undefined) : refuse(...describeSeedChange(header, prepared, folder));
}

/** Not in a campaign, where what failed is settled for all. Nobody knows which rows would have been others with a setting that was not there: only new code says what it was. */
const defaultInCode =
  'what the code asked for in vain may have a default there, as in config.getInt(section, name, 20): --accept-code --retry-failed then keeps what is done';

/** A line that cannot be read may have told of some. */
function mayHoldRows({ eras, problems }: JournalFold): boolean {
  return problems.length > 0 || eras.some(({ lines, failures }) => lines.size > failures.size);
}

function describeSeedChange(header: JournalHeader, prepared: Prepared, folder: string): [string, string] {
  const isDigest = prepared.seed === prepared.experimentDigest;
  const line = `to go on with the same random numbers, write into runner.config:\n  [random]\n  seed = ${header.seed}\n`;
  if (isDigest && header.seed === header.experimentDigest) {
    const pool = `${formatCountOf(header.total, 'job')} then, ${prepared.pool.length} now`;
    const message = `${folder} holds another experiment: the pool changed (${pool}), and the seed, which is its digest`;
    return [message, `${line}${waysOut}`];
  }
  const message = `${folder} holds another experiment: the seed was ${header.seed}, is ${prepared.seed}`;
  return [message, isDigest ? `${line}${waysOut}` : `set it back to go on; ${waysOut}`];
}

/** N/A computes everything under any plan; a named machine's share hangs on all machines. */
function checkMachines(
  header: JournalHeader,
  fold: JournalFold,
  { prepared, machine }: Wish,
  folder: string,
): Result<undefined> {
  const last = fold.sessions.at(-1);
  const experiment = fold.experimentDigest ?? header.experimentDigest;
  const { planned: machines, resolved } = prepared;
  const { order } = resolved.settings.run;
  const recorded: Hex = last?.planDigest ?? header.planDigest;
  if (machine === allMachines || digestPlan({ experiment, machines, order }) === recorded) return ok(undefined);
  const changes =
    header.plan === undefined
      ? 'machines.json or [run] order changed'
      : list(describePlanChange(header.plan, recordPlan(prepared)));
  return refuse(
    `${folder} holds this experiment under another plan: ${changes}`,
    `set it back to go on (--cores gives this machine other cores, \`rescue\` hands jobs of a lost machine to others, both without another plan); ${waysOut}`,
  );
}

/** Whether the last session ran other code than this program. */
export function findCodeChange({ sessions }: JournalFold, newer: string): CodeChange | undefined {
  const older = sessions.at(-1)?.codeFingerprint;
  return older === undefined || older === newer ? undefined : { older, newer };
}

export function refuseCode({ older, newer }: CodeChange, folder: string): Result<never> {
  return refuse(
    `${folder} was computed by other code (${older.slice(0, 16)}, now ${newer.slice(0, 16)})`,
    'add --accept-code to go on with the new code; --rerun-older-code also runs again what older code settled; --fresh starts anew',
  );
}

function list(changes: readonly string[]): string {
  const more = changes.length - changesShown;
  return changes.slice(0, changesShown).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function spell(machine: string): string {
  return machine === allMachines ? 'N/A (all jobs)' : machine;
}

function refuse(message: string, hint: string): Result<never> {
  const diagnostic: Diagnostic = { severity: 'error', message, hint };
  return failed(diagnostic);
}
