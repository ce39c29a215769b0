import { basename } from 'node:path';
import { unreachable } from '../core/assert.ts';
import { escapeText } from '../core/escape-text.ts';
import { quoteSh } from '../core/remote/quote-sh.ts';
import { formatRemoteFolder } from '../core/remote/remote-folder.ts';
import type { StartEnd } from '../core/remote/start-end.ts';
import { checkPlan } from '../run/check-plan.ts';
import { type MachineEnd, onAllMachines } from '../run/remote/all-machines.ts';
import type { ChosenPlaces } from '../run/remote/choose-places.ts';
import { type Deployed, Deployment, programWord } from '../run/remote/deploy.ts';
import { chooseRemote } from './choose-remote.ts';
import { exitCodes } from './exit-codes.ts';
import type { RemoteFlags } from './remote-flags.ts';
import { RemoteView } from './remote-view.ts';
import { type CommonFlags, type Program, prepare } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';
import { padToWidth, prepareWidths, widthOf } from './text-width.ts';

export interface DeployFlags extends CommonFlags, RemoteFlags {
  readonly dist?: string;
  readonly start: boolean;
  readonly retryFailed?: boolean;
  readonly acceptCode?: boolean;
  readonly rerunOlderCode?: boolean;
  readonly fresh?: boolean;
}

/** Brings program and files to the machines that have a host, and starts their shares there; returns the exit code. */
export async function deployCommand(program: Program, named: readonly string[], flags: DeployFlags): Promise<number> {
  const prepared = await prepare(program, flags.set);
  if (typeof prepared === 'number') return prepared;
  const check = checkPlan(prepared, undefined);
  if (check.kind !== 'agrees') {
    sayDiagnostics(check.diagnostics);
    return check.kind === 'differs' ? exitCodes.mismatch : exitCodes.usage;
  }
  const chosen = chooseRemote(prepared, named, flags);
  if (chosen === undefined) return exitCodes.usage;
  const { places, folder, settings } = chosen;
  say(
    `Deploying   to ${formatRemoteFolder(folder)} on ${places.length} ${places.length === 1 ? 'machine' : 'machines'}`,
  );
  const view = new RemoteView(places);
  const deployment = new Deployment({
    prepared,
    build: program.build,
    folder,
    settings,
    dist: flags.dist,
    starts: flags.start,
    words: startWords(flags),
    tell: view.tell,
  });
  const ends = await onAllMachines(
    places,
    (place) => deployment.to(place),
    ({ place, result }) => view.tell(place, result.ok ? spellState(result.value) : 'failed'),
  ).finally(() => view.close());
  await showTable(ends);
  showOthers(chosen);
  return ends.every(isWell) ? exitCodes.done : exitCodes.incomplete;
}

/** What a start on the machine itself would be told. */
function startWords({ set, retryFailed, acceptCode, rerunOlderCode, fresh }: DeployFlags): readonly string[] {
  return [
    ...set.flatMap((setting) => ['-o', setting]),
    ...(retryFailed === true ? ['--retry-failed'] : []),
    ...(acceptCode === true ? ['--accept-code'] : []),
    ...(rerunOlderCode === true ? ['--rerun-older-code'] : []),
    ...(fresh === true ? ['--fresh'] : []),
  ];
}

function isWell({ result }: MachineEnd<Deployed>): boolean {
  return result.ok && result.value.start?.kind !== 'ended';
}

/** Machine, host, target, what was copied, what came of it; under each what went wrong there. */
async function showTable(ends: readonly MachineEnd<Deployed>[]): Promise<void> {
  const rows = ends.map(({ place, result }) => [
    escapeText(place.name),
    place.host,
    result.ok ? result.value.target : '',
    result.ok ? spellCopied(result.value) : '',
    result.ok ? spellState(result.value) : 'failed',
  ]);
  await prepareWidths(rows.flat());
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? '')))) ?? [];
  for (const [at, row] of rows.entries()) {
    const cells = row.map((cell, column) => padToWidth(cell, widths[column] ?? 0));
    say(cells.join('  ').trimEnd());
    const { result } = ends[at] ?? {};
    if (result === undefined) continue;
    if (!result.ok) sayDiagnostics(result.diagnostics);
    else if (result.value.start?.kind === 'ended') sayLines(result.value.start.lastLines);
  }
}

/** What the program said there. */
function sayLines(lines: readonly string[]): void {
  for (const line of lines) say(`  | ${escapeText(line)}`);
}

function spellCopied({ copied }: Deployed): string {
  if (copied.length === 0) return 'nothing to copy';
  const files = copied.filter((name) => name !== programWord);
  const parts = [
    ...copied.filter((name) => name === programWord),
    ...(files.length > 1 ? [`${files.length} files`] : files),
  ];
  return `copied ${parts.join(', ')}`;
}

function spellState({ start }: Deployed): string {
  return start === undefined ? 'not started' : spellStart(start);
}

function spellStart(start: StartEnd): string {
  switch (start.kind) {
    case 'started':
      return 'running';
    case 'slow':
      return 'starting (it takes long)';
    case 'already-running':
      return 'running already';
    case 'finished':
      return start.hasFailed ? 'finished, some jobs failed' : 'finished';
    case 'ended':
      return `ended with exit code ${start.code}`;
    default:
      return unreachable(start);
  }
}

function showOthers({ withoutHost, lost }: ChosenPlaces): void {
  for (const name of withoutHost) {
    say(
      `${escapeText(name)} has no host in machines.json; start it there: ./${basename(process.execPath)} --machine ${escapeText(quoteSh(name))}`,
    );
  }
  if (lost.length > 0)
    say(`Left out, as rescue.json has given them up: ${lost.map(({ name }) => escapeText(name)).join(', ')}`);
}
