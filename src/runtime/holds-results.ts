import type { SettledPart } from '../core/journal/settled.ts';
import { codeOf, type Files, systemFiles, withFile } from './files.ts';
import { followResults } from './follow-results.ts';
import type { ResultsLayout } from './results-file.ts';
import { ResultsText } from './results-text.ts';

/** Whether the file holds exactly what these parts give. Only looks. */
export function holdsResults(
  layout: Omit<ResultsLayout, 'onTrouble'>,
  parts: Iterable<SettledPart>,
  files: Files = systemFiles,
): boolean {
  try {
    return withFile(files, layout.path, 'read', (file) => {
      let isWhole = true;
      const pieces = new ResultsText(layout).pieces(parts);
      const bytes = followResults(files, file, pieces, () => {
        isWhole = false;
      });
      return isWhole && bytes !== undefined;
    });
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  }
}
