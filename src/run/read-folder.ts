import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import type { JournalFold } from '../core/journal/fold.ts';
import { matchOutcomes } from '../core/journal/match.ts';
import type { JournalHeader } from '../core/journal/record.ts';
import type { Settled } from '../core/journal/settled.ts';
import { checksum } from '../runtime/checksum.ts';
import { readJournal, readJournalLines } from '../runtime/read-journal.ts';
import { journalPath } from '../runtime/run-folder.ts';
import type { Prepared } from './prepare.ts';
import { checkExperiment } from './resume.ts';

/** The journal of a run folder, finished, running or copied, that is of the experiment as it is now. */
export interface ReadFolder {
  readonly folder: string;
  readonly path: string;
  readonly header: JournalHeader;
  readonly fold: JournalFold;
  readonly settled: Settled;
}

export function readFolder(folder: string, prepared: Prepared): Result<ReadFolder> {
  const path = journalPath(folder);
  const { fold, unusable } = readJournal(path);
  if (unusable !== undefined) return failed(error(`${path} ${unusable}`, 'copy the folder again'));
  const { header } = fold;
  if (header === undefined) return failed(error(`${folder} holds no journal`, 'give run folders, such as sim.lab1'));
  if (header.experiment !== prepared.name) {
    const message = `${folder} holds another experiment: ${header.experiment}, not ${prepared.name}`;
    return failed(error(message, 'give folders of this experiment only'));
  }
  const fits = checkExperiment(header, fold, prepared, folder);
  if (!fits.ok) return fits;
  const { settled } = matchOutcomes(fold, prepared, () => readJournalLines(path), checksum);
  return ok({ folder, path, header, fold, settled });
}

function error(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
