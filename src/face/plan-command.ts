import { agreementParts, hexOf, phraseOf } from '../core/agreement.ts';
import { formatCount, formatCountOf } from '../core/format-count.ts';
import { formatDecimal } from '../core/ratio.ts';
import { refOf } from '../core/rescue/generation.ts';
import { spellCores } from '../core/spell-cores.ts';
import { checkPlan } from '../run/check-plan.ts';
import { factsOf } from '../run/follow-rescue.ts';
import type { MachineForecast } from '../run/forecast.ts';
import { forecastMachines } from '../run/known-times.ts';
import { lockPlan } from '../run/lock-plan.ts';
import { areCoresPlanned, type Prepared } from '../run/prepare.ts';
import { describeRandomMode } from '../run/random-mode.ts';
import { exitCodes } from './exit-codes.ts';
import { formatDuration, formatTimeOfDay } from './format.ts';
import { endWithReader } from './lost-terminal.ts';
import { type CommonFlags, type Program, prepare } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';

export interface PlanFlags extends CommonFlags {
  readonly json?: boolean;
  readonly lock?: boolean;
  readonly shares?: number;
  readonly expect?: string;
}

/** Shows shares and digests on stdout; `--lock` writes them down for all machines. Returns the exit code. */
export async function planCommand(program: Program, flags: PlanFlags): Promise<number> {
  const prepared = await prepare(program, flags.set, { equalShares: flags.shares });
  if (typeof prepared === 'number') return prepared;
  const machines = forecastMachines(prepared);
  if (flags.lock !== true) endWithReader();
  process.stdout.write(flags.json === true ? spellJson(prepared, machines) : spellText(prepared, machines));
  if (flags.lock === true) {
    say(`Written: ${lockPlan(prepared)}. Copy it with the three files: every start is then held against it.`);
    return exitCodes.done;
  }
  const check = checkPlan(prepared, flags.expect);
  if (check.kind === 'agrees') return exitCodes.done;
  sayDiagnostics(check.diagnostics);
  return check.kind === 'differs' ? exitCodes.mismatch : exitCodes.usage;
}

function spellJson(prepared: Prepared, machines: readonly MachineForecast[]): string {
  const { name, pool, experimentDigest, planDigest, seed, agreement, facts, resolved } = prepared;
  const { random } = resolved.settings;
  const nowMs = Date.now();
  const all = {
    experiment: name,
    jobs: { total: pool.length },
    experimentDigest,
    planDigest,
    codeFingerprint: facts.code,
    phrase: phraseOf(agreement),
    hex: hexOf(agreement),
    parts: agreement.parts,
    seed,
    stream: random.stream,
    random: describeRandomMode(random),
    ...(prepared.rescue !== undefined && { rescue: refOf(prepared.rescue.chain) }),
    machines: machines.map(({ machine, jobs, leftMs }) => ({
      machine,
      ...factsOf(prepared.machines).find((it) => it.name === machine),
      jobs,
      ...(leftMs !== undefined && { expectedEnd: new Date(nowMs + leftMs).toISOString() }),
    })),
  };
  return `${JSON.stringify(all, null, 2)}\n`;
}

function spellText(prepared: Prepared, machines: readonly MachineForecast[]): string {
  const { pool, agreement, experimentDigest, planDigest, seed, facts, resolved } = prepared;
  const rescue = prepared.rescue && refOf(prepared.rescue.chain);
  const rows = machines.map((forecast) => machineRow(prepared, forecast));
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [
    ...table,
    ...(rescue === undefined ? [] : [`Rescue       number ${rescue.number} (${rescue.digest})`]),
    `Total        ${formatCountOf(pool.length, 'job')}`,
    `Random       ${describeRandomMode(resolved.settings.random)}`,
    `Digest       ${phraseOf(agreement)}`,
    `             (one word each for ${agreementParts.join(', ')}; the last for all together)`,
    `             ${hexOf(agreement)}`,
    `Experiment   ${experimentDigest}`,
    `Plan         ${planDigest}`,
    `Code         ${facts.code}`,
    `Seed         ${seed}`,
    '',
  ].join('\n');
}

function machineRow(prepared: Prepared, { machine, jobs, leftMs }: MachineForecast): readonly string[] {
  const entry = prepared.machines.find(({ name }) => name === machine);
  const settled = jobs.done + jobs.failed;
  return [
    machine,
    entry === undefined ? '' : `weight ${formatDecimal(entry.weight)}`,
    entry === undefined ? '' : areCoresPlanned(prepared) ? spellCores(entry.cores) : 'cores as found there',
    formatCountOf(jobs.total, 'job'),
    settled === 0 ? '' : `${formatCount(settled)} settled`,
    leftMs === undefined ? '' : spellLeft(leftMs),
  ];
}

function spellLeft(leftMs: number): string {
  const nowMs = Date.now();
  return leftMs === 0 ? 'finished' : `about ${formatDuration(leftMs)}, until ${formatTimeOfDay(nowMs + leftMs, nowMs)}`;
}
