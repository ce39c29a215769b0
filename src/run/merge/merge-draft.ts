import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { generateHeader, metaColumns } from '../../config/header.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Origin } from '../../core/merge/candidate.ts';
import type { OnConflict } from '../../core/merge/choose.ts';
import type { MergedTable } from '../../core/merge/merged-row.ts';
import type { ProofHead, ProofLayout } from '../../core/merge/proof.ts';
import { parseProof } from '../../core/merge/read-proof.ts';
import { unevenHint } from '../../core/row-widths.ts';
import { createNodeSha256 } from '../../runtime/checksum.ts';
import { codeOf, readText, systemFiles } from '../../runtime/files.ts';
import { MergedCsv, type MergedLayout } from '../../runtime/merge/merged-csv.ts';
import { MergedJsonl } from '../../runtime/merge/merged-jsonl.ts';
import { MergedSqlite } from '../../runtime/merge/merged-sqlite.ts';
import { ProofWriter } from '../../runtime/merge/proof-writer.ts';
import type { Spill } from '../../runtime/merge/spill.ts';
import { renameHeld, syncFolder } from '../../runtime/replace-file.ts';
import { failedPath, proofPath, summaryPath } from '../../runtime/run-folder.ts';
import { describeRandomMode } from '../random-mode.ts';
import { countBy, type Summary, writeSummary } from '../summary.ts';
import { describeConflicts } from './describe-conflicts.ts';
import { FoldedRows } from './fold-rows.ts';
import { describeProblems, describeTears } from './journal-problems.ts';
import type { MergeReport, MergeRequest, TableFormat } from './merge-request.ts';
import { MergedFailures } from './merged-failures.ts';
import type { MissingCount } from './missing.ts';
import { areOfCampaign, lastHeard, type Source, type Whole } from './sources.ts';
import { Tally } from './tally.ts';
import { tableName, WholeWriter } from './write-whole.ts';

interface DraftParts {
  /** A folder inside that of the merge. */
  readonly scratch: string;
  readonly sources: readonly Source[];
  readonly origins: readonly Origin[];
  readonly missing: MissingCount;
}

/** What a merge comes to: written aside, and put in its place only when all is there. */
export class MergeDraft {
  readonly #request: MergeRequest;
  readonly #parts: DraftParts;
  readonly #tables: readonly MergedTable[];
  readonly #proof: ProofWriter;
  readonly #failures: MergedFailures;
  readonly #reduced: FoldedRows;
  readonly #tally: Tally;
  readonly #writer: WholeWriter;

  constructor(request: MergeRequest, whole: Whole, parts: DraftParts) {
    const { prepared, experiment, build, onConflict } = request;
    const { scratch, sources, origins, missing } = parts;
    const { logging } = prepared.resolved.settings;
    this.#request = request;
    this.#parts = parts;
    this.#tally = new Tally(origins);
    this.#reduced = new FoldedRows(experiment);
    this.#failures = new MergedFailures(failedPath(scratch), join('logs', logging.fileName), systemFiles);
    this.#proof = new ProofWriter(proofPath(scratch), prepared.facts.pool, systemFiles);
    this.#tables = request.formats.map((format) => openTable(format, request, scratch));
    const makers = {
      folder: scratch,
      tables: this.#tables,
      ...{ proof: this.#proof, failures: this.#failures, reduced: this.#reduced, tally: this.#tally, missing },
    };
    const rules = { origins, code: build.code, onConflict };
    this.#writer = new WholeWriter(whole, sources, rules, makers, experiment.columns?.length);
  }

  writeWindow(spill: Spill, number: number): void {
    this.#writer.writeWindow(spill, number);
  }

  /** Jobs of which the same code gave different results, and nobody decided. */
  describeConflicts(): readonly Diagnostic[] {
    return describeConflicts(this.#tally, this.#parts.sources);
  }

  /** Finishes all files and moves them to their place. */
  conclude(folder: string): MergeReport {
    const { sources, missing } = this.#parts;
    for (const table of this.#tables) table.finish(this.#writer.width);
    this.#failures.finish();
    const results = this.#proof.finish();
    const proof = this.#drawProof(results);
    this.#proof.write(proof);
    const summary = this.#summarize();
    const problem = writeSummary(summaryPath(this.#parts.scratch), summary);
    if (problem !== undefined) throw Object.assign(new Error(problem), { code: 'EIO' });
    const keptEarlier = proof.jobs.missing > 0 && this.#request.isPartial !== true && isWithoutGaps(folder, proof);
    if (!keptEarlier) this.#moveTo(folder);
    return {
      folder,
      keptEarlier,
      proof,
      summary,
      missing: missing.list(lastHeard(sources)),
      equalOf: this.#tally.equalOf,
      isOfCampaign: areOfCampaign(sources),
      openCampaigns: [],
      fileProblems: this.#writer.fileProblems,
      notices: [...describeTears(sources), ...this.#describeUneven()],
      reduceProblem: this.#reduced.problem,
    };
  }

  #describeUneven(): readonly string[] {
    const { unevenRows } = this.#writer;
    return unevenRows === undefined ? [] : [`${unevenRows}; ${unevenHint}`];
  }

  close(): void {
    for (const table of this.#tables) table.close();
    this.#failures.close();
    this.#proof.close();
  }

  #drawProof(results: ProofHead['results']): ProofHead {
    const { prepared, onConflict } = this.#request;
    const { sources, missing } = this.#parts;
    const tally = this.#tally;
    const fileProblems = this.#writer.fileProblems;
    const bytes = sources.reduce((sum, source) => sum + source.bytes, 0);
    return {
      version: 1,
      experiment: prepared.name,
      experimentDigest: prepared.experimentDigest,
      poolDigest: prepared.facts.pool.digest,
      seed: prepared.seed,
      stream: prepared.resolved.settings.random.stream,
      complete: tally.done === prepared.pool.length && fileProblems.length === 0,
      jobs: { total: prepared.pool.length, done: tally.done, failed: tally.failed, missing: missing.count },
      rows: tally.rows,
      results,
      layout: this.#layout(),
      machines: tally.machines(sources.map(({ header }) => header.machine)),
      codes: sortKeys(tally.codes),
      plans: sortKeys(countBy(sources, ({ header }) => header.planDigest)),
      checked: tally.checked(sources.length, bytes),
      problems: [...describeProblems(sources), ...fileProblems],
      conflicts: {
        decidedBy: spellDecision(onConflict),
        count: tally.conflictCount,
        jobs: tally.conflicts.map(({ job, machines }) => ({ job, machines })),
      },
    };
  }

  #layout(): ProofLayout {
    const { prepared } = this.#request;
    const { results } = prepared.resolved.settings;
    const meta = metaColumns(results);
    const jobIdCell = meta.indexOf('Job ID');
    const metaCells = meta.length + (results.includeArguments ? prepared.headerShape.argumentCount : 0);
    return {
      metaCells,
      jobIdCell: jobIdCell < 0 ? null : jobIdCell,
      header: headerOf(this.#request)(this.#writer.width),
    };
  }

  #summarize(): Summary {
    const { prepared, build } = this.#request;
    const { settings } = prepared.resolved;
    const tally = this.#tally;
    return {
      experiment: prepared.name,
      machine: 'merged',
      experimentDigest: prepared.experimentDigest,
      planDigest: prepared.planDigest,
      codeFingerprint: build.code,
      jobs: {
        total: prepared.pool.length,
        done: tally.done,
        failed: tally.failed,
        retried: this.#parts.sources.reduce((sum, { retries }) => sum + retries, 0),
      },
      failures: sortKeys(tally.causes),
      codes: sortKeys(tally.codes),
      reduced: this.#reduced.value,
      seed: prepared.seed,
      stream: settings.random.stream,
      random: describeRandomMode(settings.random),
      versions: { 'job-splitter': build.version, node: process.versions.node },
      target: build.target,
      host: hostname(),
      startedAt: timeOf(tally.startedAtMs),
      endedAt: timeOf(tally.endedAtMs),
      files: {
        ...Object.fromEntries(
          this.#tables.map(({ fileName }, at) => [at === 0 ? 'results' : `results${at + 1}`, fileName]),
        ),
        ...(this.#failures.isWritten && { failed: 'failed.csv' }),
        proof: 'proof.json',
      },
    };
  }

  /** The proof goes first and comes last: whatever happens meanwhile, none stands beside results that it is not about. */
  #moveTo(folder: string): void {
    const { scratch } = this.#parts;
    const files = join(folder, 'files');
    systemFiles.remove(proofPath(folder));
    systemFiles.remove(failedPath(folder));
    rmSync(files, { recursive: true, force: true, maxRetries: 9, retryDelay: 20 });
    if (this.#tally.files > 0 && systemFiles.list(scratch).includes('files')) {
      renameHeld(systemFiles, join(scratch, 'files'), files);
    }
    if (this.#failures.isWritten) renameHeld(systemFiles, failedPath(scratch), failedPath(folder));
    for (const { fileName } of this.#tables) renameHeld(systemFiles, join(scratch, fileName), join(folder, fileName));
    renameHeld(systemFiles, summaryPath(scratch), summaryPath(folder));
    renameHeld(systemFiles, proofPath(scratch), proofPath(folder));
    syncFolder(systemFiles, folder);
  }
}

/** Whether a merge of the same pool lies there in which no job is missing. */
function isWithoutGaps(folder: string, { experimentDigest, poolDigest }: ProofHead): boolean {
  try {
    const earlier = parseProof(readText(systemFiles, proofPath(folder)), createNodeSha256);
    if ('problem' in earlier) return false;
    const { head } = earlier;
    return head.jobs.missing === 0 && head.experimentDigest === experimentDigest && head.poolDigest === poolDigest;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  }
}

function openTable(format: TableFormat, request: MergeRequest, scratch: string): MergedTable {
  const { prepared } = request;
  const shape = prepared.resolved.settings.results;
  const fileName = format === 'csv' ? shape.fileName : tableName(shape.fileName, format);
  const layout: MergedLayout = { shape, seed: prepared.seed, header: headerOf(request) };
  const path = join(scratch, fileName);
  switch (format) {
    case 'csv':
      return new MergedCsv(path, fileName, layout, systemFiles);
    case 'jsonl':
      return new MergedJsonl(path, fileName, layout, systemFiles);
    case 'sqlite':
      return new MergedSqlite(path, fileName, layout, systemFiles);
  }
}

function headerOf({ prepared }: MergeRequest): (width: number) => readonly string[] {
  return (width) => prepared.headerCells ?? generateHeader(prepared.headerShape, width);
}

function spellDecision(onConflict: OnConflict | undefined): string | null {
  if (onConflict === undefined) return null;
  return onConflict.kind === 'first' ? 'first' : onConflict.machine;
}

function sortKeys(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function timeOf(ms: number): string {
  return new Date(Number.isFinite(ms) ? ms : 0).toISOString();
}
