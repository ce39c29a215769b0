import { availableParallelism } from 'node:os';
import { findCores } from '../config/schedulers/find-cores.ts';
import { findShare } from '../config/schedulers/find-share.ts';
import { failed, ok, type Result } from '../core/diagnostic.ts';
import { type EqualShare, nameOfShare } from '../core/equal-shares.ts';
import { spellCores } from '../core/spell-cores.ts';
import { shareCountsBeside } from '../run/find-run-folders.ts';
import type { Prepared } from '../run/prepare.ts';
import { exitCodes } from './exit-codes.ts';
import type { RunFlags } from './run-command.ts';
import { say } from './say.ts';

/** What `--machine` may say instead of a name. */
export const auto = 'auto';

export interface PlacedFlags extends RunFlags {
  /** For how many equal shares the plan is cut. */
  readonly equalShares?: number;
  /** What was taken from where. */
  readonly origin?: string;
  /** A scheduler has said for how many, nobody else. */
  readonly isCountFound?: true;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Makes of `--share` and `--machine auto` the machine and the cores that they stand for, where that can be known. */
export function placeStart(flags: RunFlags, environment: Environment): Result<PlacedFlags> {
  const isAuto = flags.machine?.toLowerCase() === auto;
  if (flags.share !== undefined) {
    if (flags.machine === undefined || isAuto) return ok(placeShare(flags, flags.share, '--share', environment));
    const message = '--machine and --share both say what is to be computed here';
    return failed({ severity: 'error', message, hint: 'give one of them' });
  }
  if (!isAuto) return ok(flags);
  const found = findShare(environment);
  if (!found.ok) return found;
  if (found.value === undefined) return ok(flags);
  return ok({ ...placeShare(flags, found.value.share, found.value.from, environment), isCountFound: true });
}

function placeShare(flags: RunFlags, share: EqualShare, from: string, environment: Environment): PlacedFlags {
  const { cores, from: source } = coresOf(flags, environment);
  return {
    ...flags,
    machine: nameOfShare(share),
    equalShares: share.count,
    cores,
    origin: `share ${share.index}/${share.count} from ${from}; ${spellCores(cores)} from ${source}`,
  };
}

/** `availableParallelism` heeds affinity and, since libuv 1.49, the limits of cgroups, version 1 and 2. */
function coresOf({ cores }: RunFlags, environment: Environment): { readonly cores: number; readonly from: string } {
  if (cores !== undefined) return { cores, from: '--cores' };
  return findCores(environment) ?? { cores: availableParallelism(), from: 'affinity and cgroup limits' };
}

/** A part of an array that is submitted again calls itself an array: it would compute other shares than those that are here. */
export function isPartOfOther({ equalShares, files, name }: Prepared): boolean {
  const others = shareCountsBeside(files.folder, name).filter((count) => count !== equalShares);
  if (others.length === 0) return false;
  const [here] = others;
  say(`Here are run folders of ${others.join(', ')} equal shares, and the scheduler says ${equalShares}.`);
  say(`Is this a part of that array, submitted again? Say which share it is: --share i/${here}`);
  say(`If ${equalShares} are meant: --share i/${equalShares}, or move the others away.`);
  return true;
}

/** What `--machine auto` means where no scheduler says more; an exit code where that names nobody. */
export function findOwnEntry(names: readonly string[], host: string): string | number {
  const own = entriesOf(host, names);
  const [name] = own;
  if (name !== undefined && own.length === 1) return name;
  const found = own.length === 0 ? `no machine named ${host}` : `several: ${own.join(', ')}`;
  say(`--machine auto: no scheduler has started this as one of many, and machines.json has ${found}.`);
  say('Say which it is: --machine NAME, --share i/n, or --machine N/A for all jobs here.');
  return exitCodes.usage;
}

/** The names in machines.json that mean a host: its own, in full or without the domain. */
function entriesOf(host: string, names: readonly string[]): readonly string[] {
  const fold = (name: string): string => name.toLowerCase();
  const exact = names.filter((name) => fold(name) === fold(host));
  if (exact.length > 0) return exact;
  const short = (name: string): string => fold(name).split('.')[0] ?? '';
  return names.filter((name) => short(name) === short(host));
}
