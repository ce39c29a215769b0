import { reportOn } from '../run/report.ts';
import { explainFileError } from '../runtime/file-error.ts';
import { codeOf } from '../runtime/files.ts';
import { reportPath } from '../runtime/run-folder.ts';
import { writeReport } from './report/write-report.ts';
import { say } from './say.ts';

/** Writes `report.html` into the run folder. The run is over and well whatever comes of this. */
export async function reportAtEnd(folder: string): Promise<void> {
  const path = reportPath(folder);
  try {
    const result = reportOn([folder], Date.now());
    if (!result.ok) return;
    const problem = await writeReport(result.value.report, path);
    say(problem === undefined ? `Report      ${path}` : `No report: ${problem}`);
  } catch (error) {
    if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
    say(`No report: ${explainFileError(error)?.message ?? error.message}`);
  }
}
