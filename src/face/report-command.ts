import { join, resolve } from 'node:path';
import { escapeMachineName } from '../config/machine-name.ts';
import { formatCount } from '../core/format-count.ts';
import type { Report } from '../core/report/report.ts';
import { reportOn } from '../run/report.ts';
import { findFolder } from '../run/three-files.ts';
import { reportPath } from '../runtime/run-folder.ts';
import { exitCodes } from './exit-codes.ts';
import { findFoldersBeside } from './folders-beside.ts';
import { writeReport } from './report/write-report.ts';
import type { Program } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';

/** Writes one page about some run folders, or all beside the three files; returns the exit code. */
export async function reportCommand(
  program: Program,
  given: readonly string[],
  { out }: { readonly out?: string },
): Promise<number> {
  const place = findFolder(process.cwd(), process.execPath);
  const folders = given.length > 0 ? given : findFoldersBeside('report', program);
  if (folders === undefined) return exitCodes.usage;
  const result = reportOn(
    folders.map((folder) => resolve(folder)),
    Date.now(),
  );
  if (!result.ok) {
    sayDiagnostics(result.diagnostics);
    return exitCodes.usage;
  }
  const { report, warnings } = result.value;
  sayDiagnostics(warnings);
  const path = out === undefined ? defaultPath(report, place) : resolve(out);
  const problem = await writeReport(report, path);
  if (problem !== undefined) {
    sayDiagnostics([{ severity: 'error', message: `No report: ${problem}`, hint: '--out FILE writes it elsewhere' }]);
    return exitCodes.usage;
  }
  const { done, failed, left } = report.jobs;
  say(`Jobs        ${formatCount(done)} done, ${formatCount(failed)} failed, ${formatCount(left)} left`);
  say(`Report      ${path}`);
  return exitCodes.done;
}

/** In the run folder, or for several of them beside the three files. */
function defaultPath({ runs, experiment }: Report, place: string): string {
  const [run, ...others] = runs;
  if (run !== undefined && others.length === 0) return reportPath(run.folder);
  return join(place, `${escapeMachineName(experiment)}.report.html`);
}
