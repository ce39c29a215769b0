import { existsSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import type { BuildInfo } from '../build-info.ts';
import { whyNoMachineName } from '../config/machine-name.ts';
import { agreementParts, hexOf, phraseOf } from '../core/agreement.ts';
import type { EqualShare } from '../core/equal-shares.ts';
import { formatCount, formatCountOf } from '../core/format-count.ts';
import { machineName } from '../core/ids.ts';
import { nearestName } from '../core/nearest.ts';
import { refOf } from '../core/rescue/generation.ts';
import { spellCores } from '../core/spell-cores.ts';
import type { AnyExperiment } from '../experiment.ts';
import { checkPlan } from '../run/check-plan.ts';
import { limitsOf } from '../run/dispatch-settings.ts';
import {
  allMachines,
  isFilledIn,
  type KnownEarly,
  type Prepared,
  type PrepareInput,
  prepareRun,
} from '../run/prepare.ts';
import { describeRandomMode } from '../run/random-mode.ts';
import { countShare, runFolderOf } from '../run/share-request.ts';
import { sharesOfFolders } from '../run/shares-of-folders.ts';
import { findFolder, readThreeFiles, writeTemplates } from '../run/three-files.ts';
import { readJournalHeader } from '../runtime/read-journal.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { WorkerStarts } from '../runtime/worker-starts.ts';
import { exitCodes } from './exit-codes.ts';
import { loadPainter } from './load-painter.ts';
import { surviveLostTerminal } from './lost-terminal.ts';
import { auto, findOwnEntry, isPartOfOther, type PlacedFlags, placeStart } from './place-start.ts';
import { allHere, askMachine, confirmRun, type MachineChoice } from './prompts.ts';
import { say, sayDiagnostics, sayField } from './say.ts';
import type { ShareFlags } from './share-flags.ts';

export interface CommonFlags {
  readonly set: readonly string[];
}

export interface RunFlags extends CommonFlags, ShareFlags {
  readonly machine?: string;
  readonly share?: EqualShare;
  readonly expect?: string;
}

export interface Program {
  readonly experiment: AnyExperiment;
  readonly build: BuildInfo;
}

/** A terminal that does not know its width (0 columns) would keep the libraries that draw counting lines for ever. */
const isDrawable = (): boolean => isTerminal() && process.stderr.columns > 0;
export const isTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

const whichMachine = 'say which machine this is with --machine NAME --yes (N/A: all jobs here)';

/** Asks what flags leave open, runs this machine's share; returns the exit code. */
export async function runCommand(program: Program, given: RunFlags): Promise<number> {
  const placed = placeStart(given, process.env);
  if (!placed.ok) {
    sayDiagnostics(placed.diagnostics);
    return exitCodes.usage;
  }
  const flags = placed.value;
  if (!isTerminal() && (flags.machine === undefined || flags.yes !== true)) {
    say(`There is no terminal to ask on: ${flags.machine === undefined ? whichMachine : 'add --yes'}.`);
    return exitCodes.usage;
  }
  const starts = new WorkerStarts();
  try {
    return await planAndRun(program, flags, starts);
  } finally {
    starts.endUnused();
  }
}

async function planAndRun(program: Program, flags: PlacedFlags, starts: WorkerStarts): Promise<number> {
  const { equalShares } = flags;
  const onPool = (known: KnownEarly): void => startAhead(known, flags, starts);
  const prepared = await prepare(program, flags.set, { onPool, equalShares });
  if (typeof prepared === 'number') return prepared;
  if (flags.origin !== undefined) say(`Start       ${flags.origin}`);
  if (flags.isCountFound === true && isPartOfOther(prepared)) return exitCodes.usage;
  const machine = await chooseMachine(prepared, flags.machine);
  if (typeof machine === 'number') return machine;
  const jobs = countShare(prepared, machine === allHere ? allMachines : machineName(machine));
  showPlan(prepared, `${machine}: ${formatCount(jobs)} of ${formatCountOf(prepared.pool.length, 'job')}`);
  const refused = await agree(prepared, flags);
  if (refused !== undefined) return refused;
  surviveLostTerminal();
  // Loaded while the workers start.
  const { runAndTell } = await import('./run-and-tell.ts');
  return runAndTell(program, { ...flags, starts, engine: undefined }, prepared, machine);
}

/** The check against `experiment.lock` and `--expect`, and the question; an exit code where the run is not to begin. */
export async function agree(prepared: Prepared, flags: Pick<RunFlags, 'expect' | 'yes'>): Promise<number | undefined> {
  const check = checkPlan(prepared, flags.expect);
  if (check.kind !== 'agrees') {
    sayDiagnostics(check.diagnostics);
    return check.kind === 'differs' ? exitCodes.mismatch : exitCodes.usage;
  }
  return flags.yes === true || (await confirmRun()) === true ? undefined : exitCodes.interrupted;
}

/** Where nobody is asked and the folder is new, workers will surely be needed: they start while the plan is made. */
function startAhead(known: KnownEarly, { machine, cores, out, yes }: RunFlags, starts: WorkerStarts): void {
  if (machine === undefined || yes !== true) return;
  const entry = known.machines.find(({ name }) => name === machine);
  if (entry === undefined && machine.toUpperCase() !== allHere) return;
  if (existsSync(out ?? runFolderOf(known, entry?.name ?? allMachines))) return;
  const workers = cores ?? entry?.cores ?? availableParallelism();
  starts.startAhead(Math.min(workers, known.pool.length), limitsOf(known.run));
}

type Purpose = Pick<PrepareInput, 'equalShares' | 'isForRescue' | 'onPool'> & {
  /** Where the plan may be of equal shares, run folders that tell it; none: those beside the three files. */
  readonly folders?: readonly string[];
  /** It is about runs that there are already: files that are missing are not begun. */
  readonly looksBack?: boolean;
};

/** The three files, read and planned; an exit code where they do not allow it. */
export async function prepare(
  { experiment, build }: Program,
  overrides: readonly string[],
  { folders, looksBack = false, ...purpose }: Purpose = {},
): Promise<Prepared | number> {
  const folder = findFolder(process.cwd(), process.execPath);
  const written = looksBack ? [] : writeTemplates(folder, build);
  const advice = purpose.equalShares === undefined ? ' Fill in machines.json to split the jobs.' : '';
  if (written.length > 0) say(`Written to ${folder}: ${written.join(', ')}.${advice}`);
  const endPhase = showPhase('Planning');
  const files = readThreeFiles(folder);
  const prepared = await prepareRun({
    experiment,
    build,
    files,
    environment: process.env,
    overrides,
    ...(folders !== undefined && { equalShares: sharesOfFolders(folders, files, experiment.name ?? build.name) }),
    ...purpose,
  });
  endPhase();
  if (!prepared.ok) {
    sayDiagnostics(prepared.diagnostics);
    return exitCodes.usage;
  }
  sayDiagnostics(prepared.value.resolved.warnings);
  return prepared.value;
}

/** A phase that is over sooner is not animated: the library takes longer to load than most plans take to make. */
const animateAfterMs = 150;
const eraseLine = '\r\u001b[K';

/** Says on a terminal what goes on; returns what ends that. */
function showPhase(text: string): () => void {
  if (!isDrawable()) return () => undefined;
  process.stderr.write(`  ${text}`);
  let isOver = false;
  let end = (): void => void process.stderr.write(eraseLine);
  const timer = setTimeout(async () => {
    const { default: ora } = await loadPainter(() => import('ora'));
    if (isOver) return;
    process.stderr.write(eraseLine);
    const phase = ora({ text, stream: process.stderr, discardStdin: false }).start();
    end = () => void phase.stop();
  }, animateAfterMs);
  return () => {
    isOver = true;
    clearTimeout(timer);
    end();
  };
}

/** The machine that was named or answered, checked; an exit code where there is none. */
export async function chooseMachine(prepared: Prepared, given: string | undefined): Promise<string | number> {
  const names = prepared.machines.map(({ name }) => name).filter((name) => name !== allMachines);
  const answer =
    given ??
    (await askMachine(
      choicesOf(prepared),
      names.find((name) => name === hostname()),
    ));
  if (answer === undefined) return exitCodes.interrupted;
  if (answer.toUpperCase() === allHere) return allHere;
  if (answer.toLowerCase() === auto) return findOwnEntry(names, hostname());
  if (names.some((name) => name === answer)) return answer;
  const campaign = campaignFolder(prepared, answer);
  if (campaign !== undefined) {
    say(`${campaign} belongs to a campaign: --engine nats://… (or @engine.url) goes on.`);
    return exitCodes.usage;
  }
  const near = nearestName(answer, names);
  const known =
    names.length === 0 ? 'machines.json is not filled in; N/A runs all jobs here' : `known: ${names.join(', ')}, N/A`;
  say(
    `machines.json names no machine ${JSON.stringify(answer)}; ${near === undefined ? known : `is ${near} meant? ${known}`}`,
  );
  return exitCodes.usage;
}

/** Where a machine that `machines.json` does not name took part in a campaign. */
function campaignFolder(prepared: Prepared, name: string): string | undefined {
  if (whyNoMachineName(name) !== undefined) return undefined;
  const folder = runFolderOf(prepared, machineName(name));
  return readJournalHeader(journalPath(folder))?.joined === true ? folder : undefined;
}

function choicesOf(prepared: Prepared): readonly MachineChoice[] {
  const named = prepared.machines
    .filter(({ name }) => name !== allMachines)
    .map(({ name, cores }) => ({
      name,
      hint: `${spellCores(cores)}, ${formatCountOf(countShare(prepared, name), 'job')}`,
    }));
  return [...named, { name: allHere, hint: 'all jobs here' }];
}

/** `machine`: which one this is, and what it has to do. */
export function showPlan(prepared: Prepared, machine: string): void {
  const rescue = prepared.rescue && refOf(prepared.rescue.chain);
  say(`Experiment  ${prepared.name}, ${formatCountOf(prepared.pool.length, 'job')}`);
  say(`Machine     ${machine}`);
  if (prepared.equalShares !== undefined && isFilledIn(prepared.files))
    say('            equal shares: machines.json plays no part');
  if (rescue !== undefined) say(`Rescue      number ${rescue.number} (${rescue.digest.slice(0, 12)})`);
  sayField(`Random      ${describeRandomMode(prepared.resolved.settings.random)}`);
  say(`Digest      ${phraseOf(prepared.agreement)}`);
  say(`            ${hexOf(prepared.agreement)}`);
  if (prepared.files.lock.text === undefined) {
    sayField(
      `            The same words on every machine? They stand for ${agreementParts.join(', ')}, and all together.`,
    );
  }
}
