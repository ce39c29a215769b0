import { countNamed } from '../../config/header.ts';
import { missingCells } from '../../core/csv-line.ts';
import { jobIndex } from '../../core/ids.ts';
import { decodeFiles } from '../../core/journal/journalled-outcome.ts';
import type { Candidate } from '../../core/merge/candidate.ts';
import { type Choice, chooseOutcome, type Rules } from '../../core/merge/choose.ts';
import type { MergedTable } from '../../core/merge/merged-row.ts';
import { rowTextsOf } from '../../core/merge/row-texts.ts';
import type { RowText } from '../../core/row-text.ts';
import { RowWidths } from '../../core/row-widths.ts';
import { type FilesPlace, gatherFiles } from '../../runtime/merge/gather-files.ts';
import type { ProofWriter } from '../../runtime/merge/proof-writer.ts';
import type { Spill } from '../../runtime/merge/spill.ts';
import { quoteCell } from '../../runtime/quote-cell.ts';
import { filesPath } from '../../runtime/run-folder.ts';
import type { FoldedRows } from './fold-rows.ts';
import type { MergedFailures } from './merged-failures.ts';
import type { MissingCount } from './missing.ts';
import type { Source, Whole } from './sources.ts';
import type { Tally } from './tally.ts';

/** Everything that is made while all jobs pass by, once, in the order of the pool. */
export interface WholeMakers {
  /** Where it is written. */
  readonly folder: string;
  readonly tables: readonly MergedTable[];
  readonly proof: ProofWriter;
  readonly failures: MergedFailures;
  readonly reduced: FoldedRows;
  readonly missing: MissingCount;
  readonly tally: Tally;
}

const fileProblemsMax = 100;

export class WholeWriter {
  readonly #whole: Whole;
  readonly #sources: readonly Source[];
  readonly #rules: Rules;
  readonly #makers: WholeMakers;
  /** Files that are not as the journals say. */
  readonly fileProblems: string[] = [];
  /** Result columns; not known before the first row where the experiment names none. */
  #width: number | undefined;
  readonly #widths: RowWidths;

  constructor(whole: Whole, sources: readonly Source[], rules: Rules, makers: WholeMakers, width: number | undefined) {
    this.#whole = whole;
    this.#sources = sources;
    this.#rules = rules;
    this.#makers = makers;
    this.#width = width;
    const { headerShape, headerCells } = whole.prepared;
    this.#widths = new RowWidths(countNamed(headerShape, headerCells));
  }

  get width(): number {
    return this.#width ?? 0;
  }

  /** Where rows differ in width, that. */
  get unevenRows(): string | undefined {
    return this.#widths.problem;
  }

  writeWindow(spill: Spill, number: number): void {
    for (const [job, candidates] of spill.read(number)) this.#write(job, candidates);
  }

  #write(job: number, candidates: readonly Candidate[]): void {
    const { missing, proof, tally } = this.#makers;
    const choice = chooseOutcome(candidates, this.#rules);
    if (choice === undefined) {
      missing.add(job);
      proof.add(jobIndex(job), undefined);
      return;
    }
    tally.add(choice, candidates.length);
    if (choice.chosen.status === 'succeeded') this.#writeSuccess(choice);
    else this.#writeFailure(choice.chosen);
  }

  #writeFailure(chosen: Candidate): void {
    const { failures, proof, tally } = this.#makers;
    const origin = tally.originOf(chosen);
    const folder = this.#sources[origin.source]?.folder ?? '';
    const cause = failures.add(chosen, origin, this.#whole.spell(chosen.job), folder);
    tally.causes[cause] = (tally.causes[cause] ?? 0) + 1;
    proof.add(chosen.job, undefined);
  }

  #writeSuccess(choice: Choice): void {
    const { chosen } = choice;
    const { reduced, proof, tables, tally } = this.#makers;
    const rows = rowTextsOf(chosen.json, quoteCell);
    this.#width ??= rows[0]?.width;
    const width = this.#width ?? 0;
    if (rows.length > 0) this.#widths.addHeader(width);
    for (const row of rows) this.#widths.add(row.width);
    tally.rows += rows.length;
    proof.add(
      chosen.job,
      rows.map((row) => fullRow(row, width)),
    );
    reduced.add(chosen.job, chosen.json);
    if (chosen.filesJson !== '') this.#gather(choice);
    if (rows.length === 0) return;
    const { prepared, spell } = this.#whole;
    const origin = tally.originOf(chosen);
    const occurrence = prepared.occurrences.get(chosen.job) ?? 0;
    const job = { candidate: chosen, origin, rows, argsJson: spell(chosen.job), occurrence };
    for (const table of tables) table.add(job, width);
  }

  #gather({ chosen, equal }: Choice): void {
    const { tally, folder } = this.#makers;
    const files = decodeFiles(JSON.parse(chosen.filesJson)) ?? [];
    const places = [chosen, ...equal].flatMap((it): readonly FilesPlace[] => {
      const source = this.#sources[tally.originOf(it).source];
      return source === undefined ? [] : [{ name: source.name, folder: filesPath(source.folder, it.jobThen) }];
    });
    for (const problem of gatherFiles(files, places, filesPath(folder, chosen.job))) {
      if (this.fileProblems.length < fileProblemsMax) this.fileProblems.push(`job ${chosen.job}: ${problem}`);
    }
    tally.files += files.length;
    tally.filesBytes += files.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

/** A row as it stands in `results.csv`, without what stands before the results. */
function fullRow(row: RowText, width: number): string {
  return row.width < width ? row.csv + missingCells(row, width) : row.csv;
}

/** What a table is called in the folder: as `[results] file_name` says, with its own ending. */
export function tableName(fileName: string, ending: string): string {
  return `${fileName.replace(/\.csv$/i, '')}.${ending}`;
}
