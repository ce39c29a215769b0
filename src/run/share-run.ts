import { failed, ok, type Result } from '../core/diagnostic.ts';
import { Attempts } from '../core/dispatch/attempts.ts';
import { Dispatch } from '../core/dispatch/dispatch.ts';
import { JobQueue } from '../core/dispatch/queue.ts';
import type { JobIndex } from '../core/ids.ts';
import { GroupCommit } from '../core/journal/commit.ts';
import { encodeSession, type JournalSession, type SpeltJob } from '../core/journal/record.ts';
import type { Settled, SettledPart } from '../core/journal/settled.ts';
import type { RunEvent } from '../core/run-event.ts';
import { checksum } from '../runtime/checksum.ts';
import { compressedPath, compressFile } from '../runtime/compressed-results.ts';
import { Dispatcher, type DispatcherEnd } from '../runtime/dispatcher.ts';
import { JournalFile, type WriteGuard } from '../runtime/journal-file.ts';
import type { Outside } from '../runtime/outside.ts';
import type { Spawner } from '../runtime/ports.ts';
import { type JournalReading, readJournal } from '../runtime/read-journal.ts';
import { removeQuietly } from '../runtime/replace-file.ts';
import { stopPath } from '../runtime/run-folder.ts';
import { watchStopFile } from '../runtime/stop-file.ts';
import { WorkerStarts } from '../runtime/worker-starts.ts';
import { activeMs, activeMsBefore } from './active-time.ts';
import { Balance } from './balance.ts';
import { conclude } from './conclude.ts';
import { describeLosses } from './describe-losses.ts';
import { limitsOf, policyOf, workerTaskOf } from './dispatch-settings.ts';
import { keepInputs } from './inputs.ts';
import { longestRecentMs } from './recent-times.ts';
import { reduceRows } from './reduce.ts';
import { RescueWatch } from './rescue-watch.ts';
import { continueSession, describeSession, openSession, type SessionTimes } from './session.ts';
import { openSessionParts, type SessionParts } from './session-parts.ts';
import type { ShareJournal } from './share-journal.ts';
import type { SessionEnd, ShareEnd, ShareRequest } from './share-request.ts';
import { type SettledHere, type Slice, sliceOf, withSettled } from './slice.ts';
import { namesOf, spellJob } from './spell-job.ts';
import type { Summary } from './summary.ts';
import { tearDown } from './tear-down.ts';
import { callUserCode, mendHint } from './user-code.ts';

const complete: SessionEnd = { reason: 'complete' };
const commitPolicy = { intervalMs: 40, flushAtBytes: 1 << 20, holdAtBytes: 1 << 26, retryMs: 1_000 };

type TellableEvent = { [Type in RunEvent['type']]: Omit<Extract<RunEvent, { type: Type }>, 'atMs'> }[RunEvent['type']];

/** Where a session works, and what it found there. */
interface RunPlace {
  readonly folder: string;
  readonly reading: JournalReading;
  readonly journal: ShareJournal;
  readonly here: SettledHere;
  readonly slice: Slice;
  readonly outside: Outside;
  readonly guard: WriteGuard;
}

/** One session: opens journal and results, runs the dispatcher, draws the balance. */
export class ShareRun {
  readonly #folder: string;
  #reading: JournalReading;
  readonly #readable: ShareJournal;
  readonly #found: SettledHere;
  #slice: Slice;
  readonly #outside: Outside;
  readonly #guard: WriteGuard;
  #session: JournalSession;
  readonly #parts: SessionParts;
  #journal: JournalFile | undefined;
  readonly #rescues: RescueWatch;
  #balance: Balance | undefined;

  constructor(request: ShareRequest, { folder, reading, journal, here, slice, outside, guard }: RunPlace) {
    this.#rescues = new RescueWatch(request, (message) => this.#tell({ type: 'warning', message }));
    this.#folder = folder;
    this.#reading = reading;
    this.#readable = journal;
    this.#found = here;
    this.#slice = slice;
    this.#outside = outside;
    this.#guard = guard;
    this.#session = describeSession(request, reading.fold, slice, {
      nowMs: this.#outside.clock.nowMs(),
      beforeMs: activeMsBefore(folder, reading.fold.sessions),
    });
    this.#parts = openSessionParts(request, folder, outside, {
      journalBytes: () => this.#journal?.syncedBytes ?? reading.bytes,
      retried: () => this.#balance?.retried ?? 0,
      recall: () => this.#recall(),
      warn: (message) => this.#tell({ type: 'warning', message }),
      spell: this.#spell,
    });
  }

  /** A rescue may have given the machine other jobs. */
  get #request(): ShareRequest {
    return this.#rescues.request;
  }

  /** Runs what is left; nothing may be (a kill between the last job and the summary). */
  async run(hasWork: boolean): Promise<Result<ShareEnd>> {
    try {
      return await this.#run(hasWork);
    } finally {
      this.#parts.status.close(this.#outside.clock.nowMs());
      this.#parts.results.close();
    }
  }

  async #run(hasWork: boolean): Promise<Result<ShareEnd>> {
    const { prepared, experiment } = this.#request;
    const { config } = prepared.resolved;
    this.#warn(keepInputs(this.#folder, prepared.files, this.#outside.files));
    const ready = hasWork ? await callUserCode('setup', () => experiment.setup?.(config)) : ok(undefined);
    if (!ready.ok) return ready;
    const lines = hasWork ? openSession(this.#reading.fold, this.#session, this.#request, this.#slice) : [];
    const here = this.#findSettled();
    const { settled } = here;
    this.#balance = new Balance(settled, this.#reading.fold.retries);
    for (const message of describeLosses(this.#reading, here)) this.#tell({ type: 'warning', message });
    this.#parts.leftovers.removeAll(() => this.#readable.outcomes(settled));
    this.#parts.results.rewrite(() => this.#readable.parts(settled));
    removeQuietly(this.#outside.files, compressedPath(this.#parts.resultsPath));
    const end = hasWork ? await this.#workThrough(lines, settled, this.#balance) : complete;
    this.#parts.leftovers.removeDrafts();
    const resultsAreWhole = this.#parts.results.finish();
    await this.#parts.handOut.finish();
    const reduced = reduceRows(experiment, () => this.#readable.outcomes(this.#readAgain().settled));
    const summary = this.#conclude(end, this.#balance, reduced.value);
    const left = summary.jobs.total - summary.jobs.done - summary.jobs.failed + (this.#parts.feed?.left ?? 0);
    const concluded = { kind: 'ended', hasRun: hasWork, end, summary, folder: this.#folder, left } as const;
    const teardown =
      reduced.problem === undefined
        ? await tearDown(this.#request, concluded, this.#outside.files)
        : failed({ severity: 'error', message: reduced.problem, hint: mendHint('reduce') });
    if (resultsAreWhole && left === 0) await this.#compress();
    this.#tell({ type: 'run-ended', done: summary.jobs.done, failed: summary.jobs.failed, left });
    await this.#parts.log.close();
    return ok({ ...concluded, teardown });
  }

  async #compress(): Promise<void> {
    if (!this.#request.prepared.resolved.settings.results.compress) return;
    const problem = await compressFile(this.#parts.resultsPath, this.#outside.files);
    if (problem !== undefined) this.#warn([problem]);
  }

  /** The session may ask for some of what was found again. */
  #findSettled(): SettledHere {
    const { retryFailed, rerunOlderCode } = this.#request;
    return retryFailed || rerunOlderCode ? this.#readable.settledBy(this.#reading.fold) : this.#found;
  }

  /** The share, and what a rescue has added to it in the last moment. */
  async #workThrough(lines: readonly string[], settled: Settled, balance: Balance): Promise<SessionEnd> {
    let end = await this.#work(lines, settled, balance);
    while (end.reason === 'complete' && this.#rescues.takeUp()) {
      this.#reading = readJournal(this.#readable.path, this.#outside.files);
      const now = this.#readable.settledBy(this.#reading.fold).settled;
      this.#slice = withSettled(sliceOf(this.#request), now);
      if (now.size === this.#slice.length) break;
      this.#session = describeSession(this.#request, this.#reading.fold, this.#slice, this.#timesNow());
      const more = openSession(this.#reading.fold, this.#session, this.#request, this.#slice);
      end = await this.#work(more, now, balance);
    }
    if (this.#rescues.hasTakenUp || this.#parts.feed !== undefined)
      this.#slice = withSettled(sliceOf(this.#request), this.#readAgain().settled);
    return end;
  }

  /** Of a session that goes on from this one. */
  #timesNow(): SessionTimes {
    const nowMs = this.#outside.clock.nowMs();
    return { nowMs, beforeMs: activeMs(this.#session, nowMs) };
  }

  #conclude(end: SessionEnd, balance: Balance, reduced: unknown): Summary {
    const { fold } = this.#reading;
    const endedAtMs = this.#outside.clock.nowMs();
    // Where there was nothing to do, no session was opened.
    const hasWorked = fold.sessions.at(-1)?.startedAtMs === this.#session.startedAtMs;
    const account = {
      slice: this.#slice,
      // What reached the disk counts, also what could not be told any more.
      balance: end.reason === 'journal-broken' ? this.#drawAgain() : balance,
      sessions: fold.sessions,
      reduced,
      endedAtMs,
      activeMs: hasWorked ? activeMs(this.#session, endedAtMs) : (this.#session.beforeMs ?? 0),
    };
    const { summary, problems } = conclude(this.#request, this.#folder, account, this.#outside.files);
    this.#warn(problems);
    return summary;
  }

  #drawAgain(): Balance {
    const { settled, fold } = this.#readAgain();
    return new Balance(settled, fold.retries);
  }

  /** Files that a run can do without: the journal holds all that is in them. */
  #warn(problems: readonly string[]): void {
    for (const problem of problems) this.#tell({ type: 'warning', message: `${problem}; the run goes on without` });
  }

  async #work(lines: readonly string[], settled: Settled, balance: Balance): Promise<SessionEnd> {
    const { starts = new WorkerStarts() } = this.#request;
    const { bytes, fold } = this.#reading;
    const journal = new JournalFile(this.#readable.path, bytes, this.#outside.files, this.#guard);
    this.#journal = journal;
    const commit = new GroupCommit(commitPolicy, bytes);
    // They reach the disk with the first outcomes.
    for (const line of lines) commit.append([line], this.#outside.clock.nowMs());
    const jobMsPrior = longestRecentMs(this.#request, () => this.#readable.outcomes(settled));
    const policy = { ...policyOf(this.#request), jobMsPrior };
    const { order, from, to } = this.#slice;
    const left = this.#slice.length - settled.size;
    const share = new JobQueue(order, from, to, left, (job) => settled.has(job));
    const dispatch = new Dispatch(policy, this.#parts.feed?.queue ?? share, new Attempts(policy, fold.failedAttempts));
    const dispatcher = new Dispatcher({
      ...{ dispatch, commit, checksum, sink: journal, nextSeq: fold.nextSeq, spell: this.#spell },
      clock: this.#outside.clock,
      spawner: this.#createSpawner(starts),
      reporter: { on: (event) => this.#on(event) },
    });
    this.#tellStarted(this.#slice.length, balance);
    const stopWatching = watchStopFile(stopPath(this.#folder), (how) => dispatcher.stop(how, 'request'));
    const ignoreRescues = this.#rescues.watch(() => {
      share.redirect(sliceOf(this.#request).order);
      this.#session = continueSession(this.#session, this.#request);
      dispatcher.goOnBy(encodeSession(this.#session));
      const { succeeded, failed } = dispatch.tally;
      this.#tellStarted(settled.size + succeeded + failed + dispatch.running + share.left, balance);
    });
    this.#startFeed(dispatcher, settled);
    const ended = await new Promise<DispatcherEnd>((resolve) => {
      this.#request.onStarted((how) => dispatcher.stop(how, 'signal'));
      dispatcher.start(resolve);
      starts.endUnused();
    });
    stopWatching();
    ignoreRescues();
    const end = (await this.#parts.feed?.end(ended)) ?? ended;
    const lost = await journal.close();
    return lost === undefined || end.reason === 'journal-broken'
      ? end
      : { reason: 'journal-broken', why: lost, unrecorded: 0 };
  }

  #createSpawner(starts: WorkerStarts): Spawner {
    const { prepared } = this.#request;
    return this.#outside.createSpawner({
      task: workerTaskOf(this.#request, this.#folder, this.#session.startedAtMs),
      limits: limitsOf(prepared.resolved.settings.run),
      names: namesOf(prepared),
      starts,
    });
  }

  #startFeed(dispatcher: Dispatcher, settled: Settled): void {
    this.#parts.feed?.start({
      isSettled: (job) => settled.has(job),
      recorded: () => this.#recall(),
      lookAgain: () => dispatcher.lookAgain(),
      warn: (message) => this.#tell({ type: 'warning', message }),
      othersSettled: (jobs, failed) => this.#tell({ type: 'others-settled', jobs, failed }),
    });
  }

  #tellStarted(total: number, { settled, failures }: Balance): void {
    const counts = this.#parts.feed?.engine.counts ?? { total, settled, failed: failures.size };
    this.#tell({ type: 'run-started', ...counts, cores: this.#request.cores });
  }

  #readAgain(untilBytes?: number): ReturnType<ShareJournal['readAgain']> {
    this.#readable.path = this.#journal?.path ?? this.#readable.path;
    return this.#readable.readAgain(untilBytes);
  }

  /** All that is settled and told, read again. */
  #recall(): Iterable<SettledPart> {
    return this.#readable.parts(this.#readAgain(this.#journal?.syncedBytes).settled);
  }

  readonly #spell = (job: JobIndex): SpeltJob => spellJob(this.#request.prepared, job);

  #on(event: RunEvent): void {
    if (event.type === 'jobs-settled') this.#parts.keeper.keep(event, this.#session, this.#balance);
    if (event.type === 'stopping') this.#parts.feed?.stopTaking();
    if (event.type === 'job-retried' && this.#balance !== undefined) this.#balance.retried++;
    this.#parts.log.on(event);
    this.#parts.status.on(event);
    this.#request.reporter.on(event);
  }

  #tell(event: TellableEvent): void {
    this.#on({ ...event, atMs: this.#outside.clock.nowMs() } as RunEvent);
  }
}
