import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { generateHeader } from '../config/header.ts';
import { ok, type Result } from '../core/diagnostic.ts';
import { spellArguments } from '../core/digest.ts';
import { Attempts } from '../core/dispatch/attempts.ts';
import { Dispatch } from '../core/dispatch/dispatch.ts';
import type { DispatchPolicy } from '../core/dispatch/policy.ts';
import { JobQueue } from '../core/dispatch/queue.ts';
import { hex, type JobIndex } from '../core/ids.ts';
import { GroupCommit } from '../core/journal/commit.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import { encodeLine } from '../core/journal/line.ts';
import { encodeHeader, encodeSession, type JournalSession, type SpeltJob } from '../core/journal/record.ts';
import { decodeJson } from '../core/json.ts';
import { type JobOrder, planOrder } from '../core/order.ts';
import type { Outcome } from '../core/outcome.ts';
import type { RunEvent } from '../core/run-event.ts';
import { checksum } from '../runtime/checksum.ts';
import { systemClock } from '../runtime/clock.ts';
import { Dispatcher, type DispatcherEnd } from '../runtime/dispatcher.ts';
import { writeFailedFile } from '../runtime/failed-file.ts';
import { JobLeftovers } from '../runtime/job-leftovers.ts';
import { JournalFile, type JournalReading, readJournal } from '../runtime/journal-file.ts';
import { ResultsFile } from '../runtime/results-file.ts';
import { failedPath, journalPath, logsPath, summaryPath } from '../runtime/run-folder.ts';
import { RunLog } from '../runtime/run-log.ts';
import { processSpawner } from '../runtime/worker-process.ts';
import { reduceRows } from './reduce.ts';
import type { Found } from './resume.ts';
import { type ShareEnd, type ShareRequest, shareOf } from './share-request.ts';
import { type Summary, writeSummary } from './summary.ts';
import { fileNames } from './three-files.ts';
import { callUserCode } from './user-code.ts';

const commitPolicy = { intervalMs: 40, flushAtChars: 1 << 20, retryMs: 1_000 };

/** One session: opens journal and results, runs the dispatcher, draws the balance. */
export class ShareRun {
  readonly #request: ShareRequest;
  readonly #folder: string;
  readonly #reading: JournalReading;
  readonly #found: Found;
  readonly #order: JobOrder;
  readonly #session: JournalSession;
  readonly #clock = systemClock();

  constructor(request: ShareRequest, folder: string, reading: JournalReading, found: Found) {
    this.#request = request;
    this.#folder = folder;
    this.#reading = reading;
    this.#found = found;
    const { prepared, build, cores } = request;
    this.#order = planOrder(prepared.pool.length, prepared.planDigest, prepared.resolved.settings.run.order);
    this.#session = {
      startedAtMs: Math.round(this.#clock.nowMs()),
      codeFingerprint: hex(build.code),
      host: hostname(),
      pid: process.pid,
      cores,
      target: build.target,
      versions: { 'job-splitter': build.version, node: process.versions.node },
    };
  }

  async run(): Promise<Result<ShareEnd>> {
    const { prepared, experiment } = this.#request;
    const left = this.#shareLength() - this.#found.settled.size;
    if (left === 0) return ok(await this.#showFinished());
    this.#keepInputs();
    const log = new RunLog(logsPath(this.#folder), prepared.resolved.settings.logging);
    const ready = await callUserCode('setup', () => experiment.setup?.(prepared.resolved.config));
    if (!ready.ok) return ready;
    const leftovers = new JobLeftovers(this.#folder);
    leftovers.removeAll(this.#found.settled.values());
    const end = await this.#work(log, left, leftovers);
    leftovers.removeDrafts();
    const { summary, settled } = await this.#conclude();
    writeSummary(summaryPath(this.#folder), summary);
    const over = await callUserCode('teardown', () => experiment.teardown?.(summary, prepared.resolved.config));
    this.#tell(log, { type: 'run-ended', ...summary.jobs, left: this.#shareLength() - settled });
    await log.close();
    if (!over.ok) return over;
    return ok({ kind: 'ended', end, summary, folder: this.#folder, left: this.#shareLength() - settled });
  }

  /** A finished run started again touches nothing. */
  async #showFinished(): Promise<ShareEnd> {
    const { summary } = await this.#conclude();
    return { kind: 'ended', end: { reason: 'complete' }, summary, folder: this.#folder, left: 0 };
  }

  #shareLength(): number {
    const { from, to } = shareOf(this.#request.prepared, this.#request.machine);
    return to - from;
  }

  /** Copies of the three files, as used. */
  #keepInputs(): void {
    const { machines, header, config } = this.#request.prepared.files;
    writeFileSync(join(this.#folder, fileNames.machines), machines.text ?? '');
    writeFileSync(join(this.#folder, fileNames.header), header.text ?? '');
    writeFileSync(join(this.#folder, fileNames.config), config.text ?? '');
  }

  async #work(log: RunLog, left: number, leftovers: JobLeftovers): Promise<DispatcherEnd> {
    const { cores } = this.#request;
    const journal = new JournalFile(journalPath(this.#folder), this.#reading.bytes);
    const commit = new GroupCommit(commitPolicy, this.#reading.bytes);
    const nextSeq = this.#openSession(commit);
    const results = this.#openResults(log);
    results.rewrite(this.#found.settled.values());
    const dispatcher = new Dispatcher({
      dispatch: new Dispatch(this.#policy(), this.#queue(left), new Attempts(this.#policy(), this.#found.spent)),
      commit,
      clock: this.#clock,
      spawner: processSpawner({ task: this.#task(), spell: this.#spell }),
      sink: journal,
      reporter: { on: (event) => this.#on(event, log, results, leftovers) },
      checksum,
      nextSeq,
      spell: this.#spell,
    });
    const failedBefore = [...this.#found.settled.values()].filter((it) => it.outcome.result.status === 'failed').length;
    const total = this.#shareLength();
    this.#tell(log, { type: 'run-started', total, settled: this.#found.settled.size, failed: failedBefore, cores });
    for (const message of this.#found.warnings) this.#tell(log, { type: 'warning', message });
    const end = await new Promise<DispatcherEnd>((resolve) => {
      this.#request.onStarted((how) => dispatcher.stop(how));
      dispatcher.start(resolve);
    });
    results.finish();
    await journal.close();
    return end;
  }

  /** Header (of a new journal) and session lines; they reach the disk with the first outcomes. */
  #openSession(commit: GroupCommit): number {
    const { prepared, machine } = this.#request;
    let seq = this.#reading.fold.nextSeq;
    const append = (bodyJson: string): void => {
      commit.append(encodeLine(seq++, bodyJson, checksum), this.#clock.nowMs());
    };
    if (this.#reading.fold.header === undefined) {
      const { name, experimentDigest, planDigest, seed, pool, resolved } = prepared;
      const { stream } = resolved.settings.random;
      const share = this.#shareLength();
      append(
        encodeHeader({
          experiment: name,
          machine,
          experimentDigest,
          planDigest,
          seed,
          stream,
          total: pool.length,
          share,
        }),
      );
    }
    append(encodeSession(this.#session));
    return seq;
  }

  #openResults(log: RunLog): ResultsFile {
    const { prepared, machine, experiment } = this.#request;
    const shape = prepared.resolved.settings.results;
    return new ResultsFile({
      path: join(this.#folder, shape.fileName),
      shape,
      header: (width) => prepared.headerCells ?? generateHeader(prepared.headerShape, width),
      width: experiment.columns?.length,
      source: { machine: () => machine, seed: prepared.seed },
      onTrouble: (message) => this.#tell(log, { type: 'warning', message }),
    });
  }

  #policy(): DispatchPolicy {
    const { run, progressPool } = this.#request.prepared.resolved.settings;
    return {
      cores: this.#request.cores,
      retries: run.retries,
      crashLimit: run.crashLimit,
      timeoutMs: run.timeoutMs,
      graceMs: run.graceMs,
      chunkJobs: progressPool.chunksize,
      jobsPerWorkerMax: run.maxJobsPerWorker,
      halt: run.halt,
    };
  }

  #queue(left: number): JobQueue {
    const { from, to } = shareOf(this.#request.prepared, this.#request.machine);
    return new JobQueue(this.#order, from, to, left, (job) => this.#found.settled.has(job));
  }

  #task(): Parameters<typeof processSpawner>[0]['task'] {
    const { prepared } = this.#request;
    const { run, random, logging } = prepared.resolved.settings;
    return {
      config: prepared.resolved.config.snapshot(),
      seed: prepared.seed,
      stream: random.stream,
      mathRandom: random.mathRandom,
      logLevel: logging.level,
      nice: run.nice,
      memoryLimitBytes: run.memoryLimitBytes,
      runFolder: this.#folder,
      assets: undefined,
    };
  }

  readonly #spell = (job: JobIndex): SpeltJob => {
    const { pool, occurrences } = this.#request.prepared;
    return { argsJson: spellArguments(pool.at(job), job), occurrence: occurrences.get(job) ?? 0 };
  };

  #on(event: RunEvent, log: RunLog, results: ResultsFile, leftovers: JobLeftovers): void {
    if (event.type === 'jobs-settled') {
      const settled = event.outcomes.map((outcome) => this.#toFolded(outcome));
      results.append(settled);
      leftovers.removeOf(settled);
      for (const { outcome } of settled) this.#handOut(outcome, log);
    }
    log.on(event);
    this.#request.reporter.on(event);
  }

  #toFolded({ worker, ...outcome }: Outcome): FoldedOutcome {
    const { argsJson, occurrence } = this.#spell(outcome.job);
    const { job, attempt, startedAtMs, endedAtMs, runMs } = outcome;
    const result: FoldedOutcome['outcome']['result'] =
      outcome.status === 'failed'
        ? { status: 'failed', failure: outcome.failure }
        : {
            status: 'succeeded',
            rows: decodeJson(outcome.rowsJson) as readonly (readonly unknown[])[],
            ...(outcome.files && { files: outcome.files }),
          };
    const args = decodeJson(argsJson) as readonly unknown[];
    const times = { startedAtMs, endedAtMs, runMs };
    return { outcome: { job, args, occurrence, attempt, worker, ...times, result }, session: this.#session };
  }

  #handOut({ result, job, attempt, startedAtMs, endedAtMs, runMs }: FoldedOutcome['outcome'], log: RunLog): void {
    const { experiment, prepared } = this.#request;
    if (result.status === 'failed') return;
    const meta = { index: job, attempt, startedAtMs, endedAtMs, runMs };
    const { onResult } = experiment;
    if (onResult === undefined) return;
    for (const row of result.rows) {
      // The result is on disk: what `onResult` throws ends nothing.
      void callUserCode('onResult', () => onResult(row, meta, prepared.resolved.config)).then((called) => {
        if (!called.ok) this.#tell(log, { type: 'warning', message: called.diagnostics[0]?.message ?? '' });
      });
    }
  }

  /** The journal is the truth: what the summary says is read from it. */
  async #conclude(): Promise<{ readonly summary: Summary; readonly settled: number }> {
    const { prepared, experiment, machine, build } = this.#request;
    const { fold } = await readJournal(journalPath(this.#folder));
    const failures = [...fold.outcomes.values()].filter(({ outcome }) => outcome.result.status === 'failed');
    writeFailedFile(
      failedPath(this.#folder),
      failures.map((it) => ({ ...it, machine })),
    );
    const first = fold.sessions[0] ?? this.#session;
    const settings = prepared.resolved.settings;
    const summary: Summary = {
      experiment: prepared.name,
      machine,
      experimentDigest: prepared.experimentDigest,
      planDigest: prepared.planDigest,
      codeFingerprint: build.code,
      jobs: {
        total: this.#shareLength(),
        done: fold.outcomes.size - failures.length,
        failed: failures.length,
        retried: fold.failedAttempts.length,
      },
      reduced: reduceRows(experiment, fold.outcomes),
      seed: prepared.seed,
      stream: settings.random.stream,
      versions: this.#session.versions,
      target: build.target,
      host: hostname(),
      startedAt: new Date(first.startedAtMs).toISOString(),
      endedAt: new Date(this.#clock.nowMs()).toISOString(),
      files: { results: settings.results.fileName, journal: 'journal.jsonl', log: `logs/${settings.logging.fileName}` },
    };
    return { summary, settled: fold.outcomes.size };
  }

  #tell(
    log: RunLog,
    event: { [Type in RunEvent['type']]: Omit<Extract<RunEvent, { type: Type }>, 'atMs'> }[RunEvent['type']],
  ): void {
    const full = { ...event, atMs: this.#clock.nowMs() } as RunEvent;
    log.on(full);
    this.#request.reporter.on(full);
  }
}
