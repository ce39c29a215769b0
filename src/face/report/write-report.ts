import type { Report } from '../../core/report/report.ts';
import { tryReplaceFile } from '../../runtime/replace-file.ts';
import { renderReport } from './render-report.ts';

/** Replaces the file as a whole; says why it cannot be written. */
export async function writeReport(report: Report, path: string): Promise<string | undefined> {
  // The chart library is text that nothing but this needs.
  const page = await import('job-splitter:report-page');
  return tryReplaceFile(path, renderReport(report, page));
}
