import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { type Difference, ResultsCheck } from '../core/merge/check-results.ts';
import type { ProofHead } from '../core/merge/proof.ts';
import { parseProof } from '../core/merge/read-proof.ts';
import { createNodeSha256 } from '../runtime/checksum.ts';
import { explainFileError } from '../runtime/file-error.ts';
import { codeOf, readText, systemFiles, withFile } from '../runtime/files.ts';
import { type CsvRecord, readRecords } from '../runtime/merge/csv-records.ts';
import { hashTools } from '../runtime/merge/proof-writer.ts';
import { quoteCell } from '../runtime/quote-cell.ts';
import { readJournalHeader } from '../runtime/read-journal.ts';
import { journalPath, proofPath } from '../runtime/run-folder.ts';

export type Verification =
  /** The proof itself is not as merge wrote it. */
  | { readonly kind: 'bad-proof'; readonly problem: string }
  /** These are the results of a run folder, which nobody has merged: there is no proof of them. */
  | { readonly kind: 'unmerged'; readonly folder: string; readonly experiment: string }
  | ({ readonly kind: 'held-against' } & HeldAgainst);

export interface HeldAgainst {
  readonly proof: ProofHead;
  readonly proofPath: string;
  /** Where the results first differ; `undefined`: they are those that were proved. */
  readonly difference: Difference | undefined;
  /** Whether the header is another one; it may be renamed. */
  readonly headerDiffers: boolean;
}

/** What one string can hold. */
const proofBytesMax = 500_000_000;

/** Holds a `results.csv` against the proof that merge wrote: without journals, three files or pool. */
export function verifyResults(results: string, given: string | undefined): Result<Verification> {
  const isFolder = statSync(results, { throwIfNoEntry: false })?.isDirectory() === true;
  const folder = isFolder ? results : dirname(results);
  const path = given ?? proofPath(folder);
  if (given === undefined && !existsSync(path)) {
    const experiment = readJournalHeader(journalPath(folder))?.experiment;
    if (experiment !== undefined) return ok({ kind: 'unmerged', folder, experiment });
  }
  if (isFolder)
    return failed(mistake(`${results} is a folder`, `give the results in it: ${join(results, 'results.csv')}`));
  try {
    const tooLarge = withFile(systemFiles, path, 'read', (file) => systemFiles.sizeBytes(file) > proofBytesMax);
    if (tooLarge) return failed(mistake(`${path} is larger than any proof`, 'give the proof.json that merge wrote'));
    const proof = parseProof(readText(systemFiles, path), createNodeSha256);
    if ('problem' in proof) return ok({ kind: 'bad-proof', problem: `${path} ${proof.problem}` });
    const check = new ResultsCheck(proof, hashTools, quoteCell);
    let header: CsvRecord | undefined;
    let difference: Difference | undefined;
    readRecords(results, systemFiles, (record) => {
      if (header === undefined) header = record;
      else difference = check.see(record);
      return difference === undefined;
    });
    difference ??= check.finish();
    const proved = proof.head.layout.header.map(quoteCell).join(',');
    return ok({
      kind: 'held-against',
      proof: proof.head,
      proofPath: path,
      difference,
      headerDiffers: header?.text !== proved,
    });
  } catch (error) {
    if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
    const message = explainFileError(error)?.message ?? error.message;
    return failed(mistake(message, 'give results.csv, and its proof with --proof FILE where it is not beside it'));
  }
}

function mistake(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
