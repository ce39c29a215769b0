import { formatCount, formatCountOf } from '../core/format-count.ts';
import type { Played, PlayedEnd } from '../core/simulate/play-plan.ts';
import { areCoresPlanned } from '../run/prepare.ts';
import { type Simulated, simulate } from '../run/simulate.ts';
import { exitCodes } from './exit-codes.ts';
import { formatDuration } from './format.ts';
import { endWithReader } from './lost-terminal.ts';
import { type CommonFlags, type Program, prepare } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';

export interface SimulateFlags extends CommonFlags {
  readonly kill: readonly (readonly [string, number])[];
  readonly slow: readonly (readonly [string, number])[];
  readonly jobTime?: number;
  readonly jobs?: number;
  readonly json?: boolean;
}

/** More machines than this are summed up; `--json` has them all. */
const machinesShown = 40;

/** Plays the plan through; returns the exit code. */
export async function simulateCommand(
  program: Program,
  folders: readonly string[],
  flags: SimulateFlags,
): Promise<number> {
  const prepared = await prepare(program, flags.set, { folders });
  if (typeof prepared === 'number') return prepared;
  const result = simulate({
    prepared,
    folders,
    faults: { killAt: new Map(flags.kill), slowBy: new Map(flags.slow) },
    jobMs: flags.jobTime,
    jobs: flags.jobs,
  });
  if (!result.ok) {
    sayDiagnostics(result.diagnostics);
    return exitCodes.usage;
  }
  endWithReader();
  process.stdout.write(flags.json === true ? `${JSON.stringify(result.value, null, 2)}\n` : spellText(result.value));
  if (flags.json !== true) sayTimes(result.value);
  if (!areCoresPlanned(prepared))
    say(
      'How many cores a machine has is found only when it starts: each is played with 1 core; several take less time.',
    );
  return exitCodes.done;
}

function sayTimes({ times, meanMs, jobs }: Simulated): void {
  const mean = `${formatTime(meanMs)} on a core of weight 1`;
  if (times === 'drawn') say(`Job times are those of the journals (mean ${mean}), drawn at random.`);
  if (times === 'even-mean')
    say(`With ${formatCountOf(jobs, 'job')}, each takes the mean time of the journals: ${mean}.`);
  if (times === 'given') say(`Each job takes ${mean}.`);
  if (times === 'assumed') say(`No journal tells how long jobs take: ${mean} is assumed; --job-time says otherwise.`);
}

function spellText({ plain, evenMs, rescues }: Simulated): string {
  const lines = [...spellEnds(plain.ends), spellWhole('As it stands', plain, evenMs)];
  for (const rescue of rescues) {
    const what = rescue.kind === 'lost' ? 'rescue --lost' : 'rescue, with weights set right';
    lines.push(spellWhole(`${what}, made after ${formatTime(rescue.atMs)}`, rescue, evenMs));
  }
  return `${lines.join('\n')}\n`;
}

function spellEnds(ends: readonly PlayedEnd[]): readonly string[] {
  const lines = ends.slice(0, machinesShown).map(({ machine, jobs, done, endMs, isDead }) => {
    const end = isDead
      ? `dies after ${formatTime(endMs)}, ${formatCount(done)} done`
      : `ready after ${formatTime(endMs)}`;
    return `${machine.padEnd(11)} ${formatCountOf(jobs, 'job')}, ${end}`;
  });
  if (ends.length > machinesShown)
    lines.push(`… and ${formatCountOf(ends.length - machinesShown, 'more machine')} (--json)`);
  return lines;
}

/** `imbalance`: how much later than with an even split over the machines that live, by their true speed. */
function spellWhole(what: string, { endMs, left }: Played, evenMs: number): string {
  if (left > 0)
    return `${what}: never complete, ${formatCountOf(left, 'job')} left when the others are ready after ${formatTime(endMs)}`;
  const late = Math.max(0, endMs / evenMs - 1);
  return `${what}: complete after ${formatTime(endMs)}, ${(100 * late).toFixed(1)} % later than an even split (${formatTime(evenMs)})`;
}

function formatTime(ms: number): string {
  return ms < 10_000 ? `${Number((ms / 1_000).toPrecision(3))} s` : formatDuration(ms);
}
