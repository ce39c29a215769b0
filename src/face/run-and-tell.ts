import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { BuildInfo } from '../build-info.ts';
import { ok } from '../core/diagnostic.ts';
import { escapeText } from '../core/escape-text.ts';
import { machineName } from '../core/ids.ts';
import type { AnyExperiment } from '../experiment.ts';
import { moveAside } from '../run/move-aside.ts';
import { ownFolder } from '../run/own-folder.ts';
import { allMachines, type Prepared } from '../run/prepare.ts';
import type { CodeChange } from '../run/resume.ts';
import { runShare } from '../run/run-share.ts';
import { runFolderOf, type ShareEnd, type ShareRequest } from '../run/share-request.ts';
import { reportPath } from '../runtime/run-folder.ts';
import { createReporter } from './create-reporter.ts';
import { onlyTeardownIsLeft } from './end-program.ts';
import { exitCodes } from './exit-codes.ts';
import { formatInstant } from './format.ts';
import { allHere, confirmCode } from './prompts.ts';
import { isReportCheap } from './report-is-cheap.ts';
import { say, sayDiagnostics } from './say.ts';
import type { ShareFlags } from './share-flags.ts';
import { exitCodeOf, showEnd } from './show-end.ts';
import { createSignals } from './signals.ts';

/** Runs this machine's share and says what came of it; returns the exit code. */
export async function runAndTell(
  { experiment, build }: { readonly experiment: AnyExperiment; readonly build: BuildInfo },
  flags: Omit<ShareFlags, 'engine'> & Pick<ShareRequest, 'starts' | 'engine'>,
  prepared: Prepared,
  machine: string,
): Promise<number> {
  const name = machine === allHere ? allMachines : machineName(machine);
  const chosen = ownFolder(flags.out, prepared);
  if (!chosen.ok) {
    sayDiagnostics(chosen.diagnostics);
    return exitCodes.usage;
  }
  const out = chosen.value;
  if (flags.fresh === true) {
    const code = clearTheWay(out ?? runFolderOf(prepared, name));
    if (code !== undefined) return code;
  }
  if (flags.until !== undefined) say(`Until       ${formatInstant(flags.until, Date.now())}`);
  const signals = createSignals();
  const startedAtMs = Date.now();
  const result = await runShare({
    experiment,
    build,
    prepared,
    machine: name,
    cores: flags.cores ?? prepared.machines.find((it) => it.name === machine)?.cores ?? availableParallelism(),
    out,
    retryFailed: flags.retryFailed === true,
    rerunOlderCode: flags.rerunOlderCode === true,
    acceptCode: acceptCodeBy(flags),
    untilMs: flags.until,
    reporter: createReporter({
      name: prepared.name,
      settings: prepared.resolved.settings.progressPool,
      pool: prepared.pool,
      showsOutput: flags.tail === true,
    }),
    onStarted: signals.listen,
    onTeardown: (ended) =>
      onlyTeardownIsLeft({
        folder: ended.folder,
        code: exitCodeOf({ ...ended, teardown: ok(undefined) }, signals.stoppedAtOnce()),
      }),
    engine: flags.engine,
    starts: flags.starts,
  });
  if (!result.ok) {
    sayDiagnostics(result.diagnostics);
    return exitCodes.usage;
  }
  const code = showEnd(result.value, prepared.pool.length, signals.stoppedAtOnce());
  if (signals.stoppedAtOnce() === undefined) await tellMore(result.value, Date.now() - startedAtMs);
  return code;
}

/** The report, where it costs next to nothing; what writes it is loaded only then. */
async function tellMore(end: ShareEnd, sessionMs: number): Promise<void> {
  if (end.kind !== 'ended') return;
  const { done, failed } = end.summary.jobs;
  const path = reportPath(end.folder);
  const isThere = end.hasRun && existsSync(path);
  if (!isReportCheap(done + failed, sessionMs, isThere)) {
    if (isThere) say(`Report      ${escapeText(path)} is of before; report makes it anew`);
    return;
  }
  const { reportAtEnd } = await import('./report-at-end.ts');
  await reportAtEnd(end.folder);
}

/** `--fresh`; an exit code where the old folder has to stay. */
function clearTheWay(folder: string): number | undefined {
  const moved = moveAside(folder, Date.now());
  if (!moved.ok) {
    sayDiagnostics(moved.diagnostics);
    return exitCodes.usage;
  }
  if (moved.value.kind === 'locked') return showEnd({ ...moved.value, ...moved.value.holder }, 0);
  if (moved.value.kind === 'moved') say(`Moved aside ${moved.value.to}`);
  return undefined;
}

/** `--yes` alone refuses: it answers what is asked at every start, not this. */
function acceptCodeBy({ acceptCode, yes }: Pick<ShareFlags, 'acceptCode' | 'yes'>): ShareRequest['acceptCode'] {
  if (acceptCode === true) return () => true;
  const canAsk = yes !== true && process.stdin.isTTY === true && process.stderr.isTTY === true;
  return canAsk ? async (change: CodeChange) => (await confirmCode(change)) === true : () => false;
}
