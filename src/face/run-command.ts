import { availableParallelism, hostname } from 'node:os';
import { resolve } from 'node:path';
import ora from 'ora';
import type { BuildInfo } from '../build-info.ts';
import { machineName } from '../core/ids.ts';
import { encodeJson } from '../core/json.ts';
import { nearestName } from '../core/nearest.ts';
import { matchesDigest, phraseOf } from '../core/phrase.ts';
import type { Reporter } from '../core/run-event.ts';
import type { AnyExperiment } from '../experiment.ts';
import { allMachines, type Prepared, prepareRun } from '../run/prepare.ts';
import { runShare } from '../run/run-share.ts';
import { type ShareEnd, shareOf } from '../run/share-request.ts';
import { findFolder, readThreeFiles, writeTemplates } from '../run/three-files.ts';
import { Board } from './board.ts';
import { exitCodes } from './exit-codes.ts';
import { formatCount, formatDuration } from './format.ts';
import { surviveLostTerminal } from './lost-terminal.ts';
import { PlainLines } from './plain-lines.ts';
import { allHere, askMachine, confirmRun } from './prompts.ts';
import { say, sayDiagnostics } from './say.ts';

export interface CommonFlags {
  readonly set: readonly string[];
}

export interface RunFlags extends CommonFlags {
  readonly machine?: string;
  readonly yes?: boolean;
  readonly cores?: number;
  readonly out?: string;
  readonly expect?: string;
  readonly retryFailed?: boolean;
  readonly acceptCode?: boolean;
  readonly fresh?: boolean;
}

export interface Program {
  readonly experiment: AnyExperiment;
  readonly build: BuildInfo;
}

/** A terminal that does not know its width (0 columns) would keep the libraries that draw counting lines for ever. */
const isDrawable = (): boolean => isTerminal() && process.stderr.columns > 0;
const isTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Asks what flags leave open, runs this machine's share; returns the exit code. */
export async function runCommand(program: Program, flags: RunFlags): Promise<number> {
  if (!isTerminal() && (flags.machine === undefined || flags.yes !== true)) {
    say('There is no terminal to ask on: say which machine this is with --machine NAME --yes (N/A: all jobs here).');
    return exitCodes.usage;
  }
  const prepared = await prepare(program, flags.set);
  if (typeof prepared === 'number') return prepared;
  const machine = await chooseMachine(prepared, flags.machine);
  if (typeof machine === 'number') return machine;
  showPlan(prepared, machine);
  if (flags.expect !== undefined && !matchesDigest(flags.expect, prepared.agreement)) {
    say(`The digest is not the expected one (${flags.expect}): files or program differ between the machines.`);
    return exitCodes.mismatch;
  }
  if (flags.yes !== true && (await confirmRun()) !== true) return exitCodes.interrupted;
  surviveLostTerminal();
  return runAndTell(program, flags, prepared, machine);
}

/** The three files, read and planned; an exit code where they do not allow it. */
export async function prepare(
  { experiment, build }: Program,
  overrides: readonly string[],
): Promise<Prepared | number> {
  const folder = findFolder(process.cwd(), process.execPath);
  const written = writeTemplates(folder, build);
  if (written.length > 0) say(`Written to ${folder}: ${written.join(', ')}. Fill in machines.json to split the jobs.`);
  const phase = ora({
    text: 'Planning',
    stream: process.stderr,
    isEnabled: isDrawable(),
    isSilent: !isDrawable(),
    discardStdin: false,
  }).start();
  const prepared = await prepareRun({
    experiment,
    build,
    files: readThreeFiles(folder),
    environment: process.env,
    overrides,
    coresHere: availableParallelism(),
  });
  phase.stop();
  if (!prepared.ok) {
    sayDiagnostics(prepared.diagnostics);
    return exitCodes.usage;
  }
  sayDiagnostics(prepared.value.resolved.warnings);
  return prepared.value;
}

async function chooseMachine(prepared: Prepared, given: string | undefined): Promise<string | number> {
  const names = prepared.machines.map(({ name }) => name).filter((name) => name !== allMachines);
  const answer =
    given ??
    (await askMachine(
      choicesOf(prepared),
      names.find((name) => name === hostname()),
    ));
  if (answer === undefined) return exitCodes.interrupted;
  if (answer.toUpperCase() === allHere) return allHere;
  if (names.some((name) => name === answer)) return answer;
  const near = nearestName(answer, names);
  const known =
    names.length === 0 ? 'machines.json is not filled in; N/A runs all jobs here' : `known: ${names.join(', ')}, N/A`;
  say(`machines.json names no machine ${JSON.stringify(answer)}; ${near === undefined ? known : `is ${near} meant?`}`);
  return exitCodes.usage;
}

function choicesOf({ machines, shares }: Prepared): Parameters<typeof askMachine>[0] {
  return machines
    .filter(({ name }) => name !== allMachines)
    .map(({ name, cores }) => {
      const share = shares.find(({ machine }) => machine === name);
      return { name, cores, jobs: (share?.to ?? 0) - (share?.from ?? 0) };
    });
}

function showPlan(prepared: Prepared, machine: string): void {
  const { from, to } = shareOf(prepared, machine === allHere ? allMachines : machineName(machine));
  const stream =
    prepared.resolved.settings.random.stream === 'same'
      ? 'every job receives the same random numbers; context.stream differs per job'
      : 'each job has its own random numbers';
  say(`Experiment  ${prepared.name}, ${formatCount(prepared.pool.length)} jobs`);
  say(`Machine     ${machine}: ${formatCount(to - from)} of ${formatCount(prepared.pool.length)} jobs`);
  say(`Random      ${stream}`);
  say(`Digest      ${phraseOf(prepared.agreement)}`);
  say(`            ${prepared.agreement.slice(0, 16)}  (the same on every machine?)`);
}

async function runAndTell(
  { experiment, build }: Program,
  flags: RunFlags,
  prepared: Prepared,
  machine: string,
): Promise<number> {
  const entry = prepared.machines.find(({ name }) => name === machine);
  const result = await runShare({
    experiment,
    build,
    prepared,
    machine: machine === allHere ? allMachines : machineName(machine),
    cores: flags.cores ?? entry?.cores ?? availableParallelism(),
    out: flags.out === undefined ? undefined : resolve(flags.out),
    retryFailed: flags.retryFailed === true,
    acceptCode: flags.acceptCode === true,
    fresh: flags.fresh === true,
    reporter: createReporter(prepared),
    onStarted: listenToSignals,
  });
  if (!result.ok) {
    sayDiagnostics(result.diagnostics);
    return exitCodes.usage;
  }
  if (result.value.kind === 'locked') {
    const { folder, host, pid } = result.value;
    say(`${folder} is being computed already, on ${host} by process ${pid}; wait for it or stop it first.`);
    return exitCodes.alreadyRunning;
  }
  showSummary(result.value);
  return exitCodeOf(result.value);
}

function createReporter({ resolved }: Prepared): Reporter {
  const { style, barLength } = resolved.settings.progressPool;
  const dumb = process.env.TERM === 'dumb' || process.env.CI !== undefined;
  if (style === '2' || process.stderr.isTTY !== true || !(process.stderr.columns > 0) || dumb)
    return new PlainLines((text) => process.stderr.write(text));
  return new Board({ style, barLength });
}

/** First Ctrl-C: let running jobs finish; second: stop now. */
function listenToSignals(stop: (how: 'drain' | 'now') => void): void {
  let times = 0;
  const onSignal = (): void => stop(++times === 1 ? 'drain' : 'now');
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

type Ended = Extract<ShareEnd, { readonly kind: 'ended' }>;

function showSummary({ summary, folder, left, end }: Ended): void {
  const { done, failed, retried } = summary.jobs;
  if (end.reason === 'halted') say(`Stopped early: ${end.why}.`);
  if (end.reason === 'workers-cannot-start') say(`No worker can start: ${end.how}`);
  if (end.reason === 'journal-broken') say(`The journal cannot be written: ${end.why}`);
  const time = formatDuration(Date.parse(summary.endedAt) - Date.parse(summary.startedAt));
  const parts = [`${formatCount(done)} done`, `${formatCount(failed)} failed`, `${formatCount(retried)} retried`];
  if (left > 0) parts.push(`${formatCount(left)} left (start again to go on)`);
  say(`Jobs        ${parts.join(', ')}; ${time}`);
  say(`Results     ${folder}`);
  if (summary.reduced !== undefined) say(`Reduced     ${encodeJson(summary.reduced)}`);
  if (failed > 0) say('Failures    failed.csv; --retry-failed tries them again');
}

function exitCodeOf({ summary, left, end }: Ended): number {
  if (end.reason === 'journal-broken' || end.reason === 'workers-cannot-start') return exitCodes.internal;
  if (left > 0) return end.reason === 'stopped' && end.how === 'now' ? exitCodes.interrupted : exitCodes.stoppedEarly;
  return summary.jobs.failed > 0 ? exitCodes.jobsFailed : exitCodes.done;
}
