import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { BuildInfo } from '../build-info.ts';
import { generateHeader } from '../config/header.ts';
import { escapeMachineName } from '../config/machine-name.ts';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { hashTexts } from '../core/hash.ts';
import type { JobIndex } from '../core/ids.ts';
import { jobIndex } from '../core/ids.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import { matchOutcomes } from '../core/journal/match.ts';
import type { JournalHeader } from '../core/journal/record.ts';
import { partsOf } from '../core/journal/settled.ts';
import { encodeJson } from '../core/json.ts';
import type { AnyExperiment } from '../experiment.ts';
import { checksum } from '../runtime/checksum.ts';
import { writeFailedFile } from '../runtime/failed-file.ts';
import { readJournal, readJournalLines } from '../runtime/read-journal.ts';
import { ResultsFile } from '../runtime/results-file.ts';
import { failedPath, journalPath, summaryPath } from '../runtime/run-folder.ts';
import type { Prepared } from './prepare.ts';
import { describeRandomMode } from './random-mode.ts';
import { reduceRows } from './reduce.ts';
import { checkExperiment } from './resume.ts';
import { causeOf, countBy, type Summary, writeSummary } from './summary.ts';

export interface MergeReport {
  readonly folder: string;
  readonly summary: Summary;
  /** Jobs of no journal, by machine of the plan. */
  readonly missing: readonly JobIndex[];
  readonly perMachine: readonly { readonly machine: string; readonly done: number; readonly failed: number }[];
  readonly duplicates: number;
}

export interface MergeRequest {
  readonly experiment: AnyExperiment;
  readonly build: BuildInfo;
  readonly prepared: Prepared;
  readonly folders: readonly string[];
}

interface Piece {
  readonly folder: string;
  readonly header: JournalHeader;
  readonly outcomes: ReadonlyMap<JobIndex, FoldedOutcome>;
  readonly retried: number;
}

/** Joins the journals of several machines into one folder, in the order of the pool. */
export function mergeFolders(request: MergeRequest): Result<MergeReport> {
  const pieces: Piece[] = [];
  for (const folder of request.folders) {
    const piece = readPiece(folder, request.prepared);
    if (!piece.ok) return piece;
    pieces.push(piece.value);
  }
  const joined = joinPieces(pieces);
  if (!joined.ok) return joined;
  return ok(writeMerged(request, pieces, joined.value));
}

function readPiece(folder: string, prepared: Prepared): Result<Piece> {
  const path = journalPath(folder);
  const { fold } = readJournal(path);
  const { header } = fold;
  if (header === undefined)
    return failed(mistake(`${folder} holds no journal`, 'give run folders, such as my_experiment.lab1'));
  const fits = checkExperiment(header, fold, prepared, folder);
  if (!fits.ok) return fits;
  const { settled } = matchOutcomes(fold, prepared, () => readJournalLines(path), checksum);
  const outcomes = new Map<JobIndex, FoldedOutcome>();
  for (const it of settled.outcomes(readJournalLines(path), checksum)) outcomes.set(it.outcome.job, it);
  return ok({ folder, header, outcomes, retried: fold.retries });
}

interface Joined {
  readonly outcomes: Map<JobIndex, FoldedOutcome>;
  readonly machineOf: Map<JobIndex, string>;
  readonly duplicates: number;
}

/** Success beats failure; two successes of one job must be equal bit for bit. */
function joinPieces(pieces: readonly Piece[]): Result<Joined> {
  const outcomes = new Map<JobIndex, FoldedOutcome>();
  const machineOf = new Map<JobIndex, string>();
  let duplicates = 0;
  for (const { header, outcomes: own, folder } of pieces) {
    for (const [job, folded] of own) {
      const earlier = outcomes.get(job);
      if (earlier !== undefined) {
        duplicates++;
        if (differ(earlier, folded)) {
          const message = `job ${job} has different results on ${machineOf.get(job)} and on ${header.machine} (${folder})`;
          return failed(mistake(message, 'the job is not deterministic, or the code differs'));
        }
        if (folded.outcome.result.status === 'failed') continue;
      }
      outcomes.set(job, folded);
      machineOf.set(job, header.machine);
    }
  }
  return ok({ outcomes: new Map([...outcomes].sort(([a], [b]) => a - b)), machineOf, duplicates });
}

function differ(a: FoldedOutcome, b: FoldedOutcome): boolean {
  const [left, right] = [a.outcome.result, b.outcome.result];
  if (left.status !== 'succeeded' || right.status !== 'succeeded') return false;
  return encodeJson(left.rows) !== encodeJson(right.rows);
}

function writeMerged(request: MergeRequest, pieces: readonly Piece[], joined: Joined): MergeReport {
  const { prepared, experiment, build } = request;
  const { settings } = prepared.resolved;
  const { outcomes, machineOf, duplicates } = joined;
  const folder = join(prepared.files.folder, `${escapeMachineName(prepared.name)}.merged`);
  mkdirSync(folder, { recursive: true });
  const machineName = (job: JobIndex): string => machineOf.get(job) ?? '';
  writeResults(request, folder, joined);
  const failures = [...outcomes.values()].filter(({ outcome }) => outcome.result.status === 'failed');
  const failedRows = failures.map((it) => ({ ...it, machine: machineName(it.outcome.job) }));
  throwProblem(writeFailedFile(failedPath(folder), failedRows));
  const missing: JobIndex[] = [];
  for (let job = 0; job < prepared.pool.length; job++) if (!outcomes.has(jobIndex(job))) missing.push(jobIndex(job));
  const perMachine = pieces.map(({ header }) => countOf(header.machine, joined));
  const times = [...outcomes.values()].map(({ outcome }) => outcome);
  const summary: Summary = {
    experiment: prepared.name,
    machine: 'merged',
    experimentDigest: prepared.experimentDigest,
    planDigest: prepared.planDigest,
    codeFingerprint: build.code,
    jobs: {
      total: prepared.pool.length,
      done: outcomes.size - failures.length,
      failed: failures.length,
      retried: pieces.reduce((sum, { retried }) => sum + retried, 0),
    },
    failures: countBy(failures, causeOf),
    codes: countBy([...outcomes.values()], ({ session }) => session.codeFingerprint),
    reduced: reduceRows(experiment, () => outcomes.values()),
    seed: prepared.seed,
    stream: settings.random.stream,
    random: describeRandomMode(settings.random),
    versions: { 'job-splitter': build.version, node: process.versions.node },
    target: build.target,
    host: hostname(),
    startedAt: timeOf(times.reduce((least, it) => Math.min(least, it.startedAtMs), Number.POSITIVE_INFINITY)),
    endedAt: timeOf(times.reduce((most, it) => Math.max(most, it.endedAtMs), 0)),
    files: { results: settings.results.fileName },
  };
  throwProblem(writeSummary(summaryPath(folder), summary));
  const rows = [...outcomes].map(
    ([job, { outcome }]) => `${job} ${encodeJson(outcome.args)} ${rowsOf(outcome.result)}`,
  );
  const proof = {
    total: prepared.pool.length,
    missing: missing.length,
    results: hashTexts('job-splitter/results/v1', ...rows),
    perMachine,
  };
  writeFileSync(join(folder, 'proof.json'), `${JSON.stringify(proof, null, 2)}\n`);
  return { folder, summary, missing, perMachine, duplicates };
}

function writeResults({ prepared, experiment }: MergeRequest, folder: string, { outcomes, machineOf }: Joined): void {
  const shape = prepared.resolved.settings.results;
  const file = new ResultsFile({
    path: join(folder, shape.fileName),
    shape,
    header: (width) => prepared.headerCells ?? generateHeader(prepared.headerShape, width),
    width: experiment.columns?.length,
    source: { machine: (job) => machineOf.get(job) ?? '', seed: prepared.seed },
    onTrouble: (message) => {
      throw new Error(message);
    },
  });
  file.rewrite(() => partsOf(outcomes.values()));
}

function countOf(machine: string, { outcomes, machineOf }: Joined): MergeReport['perMachine'][number] {
  let [done, failures] = [0, 0];
  for (const [job, { outcome }] of outcomes) {
    if (machineOf.get(job) !== machine) continue;
    if (outcome.result.status === 'failed') failures++;
    else done++;
  }
  return { machine, done, failed: failures };
}

function rowsOf(result: FoldedOutcome['outcome']['result']): string {
  return result.status === 'succeeded' ? encodeJson(result.rows) : 'failed';
}

function timeOf(ms: number): string {
  return new Date(Number.isFinite(ms) ? ms : 0).toISOString();
}

function throwProblem(problem: string | undefined): void {
  if (problem !== undefined) throw new Error(problem);
}

function mistake(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
