import { stringify } from 'csv-stringify/sync';
import { escapeText } from '../core/escape-text.ts';
import { findJob } from '../run/find-job.ts';
import { compareWithRecorded, findRecorded, type RecordedJob } from '../run/recorded-job.ts';
import { type Replay, runJobHere } from '../run/run-job-here.ts';
import { divertOutput } from './divert-output.ts';
import { exitCodes } from './exit-codes.ts';
import { formatDuration } from './format.ts';
import { type CommonFlags, type Program, prepare } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';
import { spellMark } from './spell-mark.ts';

export interface RunJobFlags extends CommonFlags {
  readonly attempt?: number;
  readonly folder?: readonly string[];
  readonly inspect?: number | true;
}

const inspectorPort = 9229;
const shownMax = 500;

/** Replays one job in this process; returns the exit code. */
export async function runJobCommand(program: Program, named: string, flags: RunJobFlags): Promise<number> {
  const prepared = await prepare(program, flags.set, { folders: flags.folder ?? [], looksBack: true });
  if (typeof prepared === 'number') return prepared;
  const job = findJob(named, prepared);
  if (!job.ok) return refuse(job.diagnostics);
  const recorded = findRecorded(prepared, job.value, flags.folder);
  if (!recorded.ok) return refuse(recorded.diagnostics);
  const attempt = flags.attempt ?? recorded.value[0]?.outcome.attempt ?? 1;
  say(`Job         ${job.value}, attempt ${attempt}: ${shorten(JSON.stringify(prepared.pool.at(job.value)))}`);
  if (flags.inspect !== undefined) await waitForDebugger(flags.inspect === true ? inspectorPort : flags.inspect);
  const endDiverting = divertOutput();
  const replay = await runJobHere({
    experiment: program.experiment,
    prepared,
    job: job.value,
    attempt,
    onMark: (mark) => say(escapeText(spellMark(mark.trimEnd()))),
    onReady: () => {
      // biome-ignore lint/suspicious/noDebugger: whoever asked for a debugger wants to stop here, one step before the job
      if (flags.inspect !== undefined) debugger;
    },
  });
  endDiverting();
  if (!replay.ok) return refuse(replay.diagnostics);
  showReplay(replay.value, program.experiment.columns);
  const differs = recorded.value.filter((it) => !showComparison(replay.value, it, program.build.code)).length > 0;
  if (recorded.value.length === 0) say('Recorded    nowhere: no journal of this experiment holds this job');
  if (differs) return exitCodes.incomplete;
  return replay.value.kind === 'failed' ? exitCodes.jobsFailed : exitCodes.done;
}

function refuse(diagnostics: Parameters<typeof sayDiagnostics>[0]): number {
  sayDiagnostics(diagnostics);
  return exitCodes.usage;
}

async function waitForDebugger(port: number): Promise<void> {
  const { open } = await import('node:inspector');
  say(`Waiting for a debugger on 127.0.0.1:${port} (chrome://inspect, or your editor's "attach to process") …`);
  open(port, '127.0.0.1', true);
}

/** The rows as a table on stdout, without the meta columns. */
function showReplay(replay: Replay, columns: readonly string[] | undefined): void {
  say(`Took        ${replay.runMs < 1_000 ? `${replay.runMs.toFixed(1)} ms` : formatDuration(replay.runMs)}`);
  if (replay.files !== undefined) say(`Files       ${replay.files}`);
  if (replay.kind === 'failed') {
    say(`Failed      ${replay.failure.cause}: ${escapeText(replay.failure.message)}`);
    for (const line of userLines(replay.failure.stack)) say(`            ${escapeText(line.trim())}`);
    return;
  }
  const table =
    (columns === undefined ? '' : stringify([[...columns]])) + replay.rows.map(({ csv }) => `${csv}\n`).join('');
  process.stdout.write(process.stdout.isTTY ? table.split('\n').map(escapeText).join('\n') : table);
}

/** The stack without the message, as far as it is not the program that called the job. */
function userLines(stack: string): readonly string[] {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const own = frames.findIndex((line) => line.includes('#call (') && line.includes('run-job.ts'));
  return own < 0 ? frames : frames.slice(0, own);
}

/** Says whether it is what is recorded. */
function showComparison(replay: Replay, recorded: RecordedJob, code: string): boolean {
  const comparison = compareWithRecorded(replay, recorded);
  const older = recorded.session.codeFingerprint === code ? '' : ', computed by other code';
  if (comparison.kind === 'equal') {
    say(`Recorded    the same, bit for bit, in ${recorded.folder}${older}`);
    return true;
  }
  say(`Recorded    NOT the same, in ${recorded.folder}${older} (attempt ${recorded.outcome.attempt})`);
  say(`  recorded  ${shorten(comparison.recorded)}`);
  say(`  here      ${shorten(comparison.here)}`);
  return false;
}

function shorten(text: string): string {
  return escapeText(text.length > shownMax ? `${text.slice(0, shownMax - 1)}…` : text);
}
