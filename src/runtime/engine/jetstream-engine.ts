import { type Campaign, decodeCampaign, encodeCampaign, isSameCampaign } from '../../core/engine/campaign.ts';
import type { LogId } from '../../core/engine/campaign-names.ts';
import { CampaignView } from '../../core/engine/campaign-view.ts';
import { decodeChunkRecord, type Holder } from '../../core/engine/chunk-record.ts';
import { Chunks } from '../../core/engine/chunks.ts';
import { Demand } from '../../core/engine/demand.ts';
import { Places } from '../../core/engine/places.ts';
import type { JobOrder } from '../../core/order.ts';
import { SmoothRate } from '../../core/progress/smooth-rate.ts';
import type { CampaignServer } from './campaign-server.ts';
import { ChunkDesk } from './chunk-desk.ts';
import type { CampaignCounts, Delivery, Engine, EngineEnd, EngineRun } from './engine.ts';
import { fillQueue } from './fill-queue.ts';
import { GivenUp, Patience } from './patience.ts';
import { Puller } from './puller.ts';
import { RowsSender } from './rows-sender.ts';
import { ServerTrouble } from './server-trouble.ts';

export interface JetStreamParts {
  readonly server: CampaignServer;
  readonly campaign: Campaign;
  readonly order: JobOrder;
  readonly me: Holder;
  /** So long a server may be away. */
  readonly patienceMs: number;
}

/** What is done of chunks that go on is recorded this often. */
const recordMs = 500;
const tellMs = 1_000;
/** So long the end may take. */
const endMs = 15_000;

/** What is there while a run goes on. */
interface Work {
  readonly run: EngineRun;
  readonly patience: Patience;
  readonly desk: ChunkDesk;
  readonly rows: RowsSender;
  readonly puller: Puller;
  readonly demand: Demand;
}

/**
 * Takes chunks of jobs from a queue in a NATS JetStream server and records outcomes in a log there. The queue is a hint: what
 * counts is the log alone, in which the records of a chunk follow one another without a gap (`core/engine/chunk-record.ts`).
 */
export class JetStreamEngine implements Engine {
  readonly #parts: JetStreamParts;
  readonly #chunks: Chunks;
  readonly #view: CampaignView;
  readonly #places: Places;
  readonly #timers: NodeJS.Timeout[] = [];
  /** What the run was told of, by itself or from here. */
  readonly #told = { settled: 0, failed: 0 };
  readonly #rate = new SmoothRate(Date.now());
  #work: Work | undefined;
  #why: string | undefined;
  #ending: Promise<EngineEnd> | undefined;

  private constructor(parts: JetStreamParts) {
    this.#parts = parts;
    this.#chunks = new Chunks(parts.campaign);
    this.#view = new CampaignView(this.#chunks);
    this.#places = new Places(parts.order);
  }

  /** Begins the campaign in the server, or finds how far it is. Throws `ServerTrouble`. */
  static async join(parts: JetStreamParts): Promise<JetStreamEngine> {
    const engine = new JetStreamEngine(parts);
    await engine.#fill();
    await engine.#readAll();
    return engine;
  }

  get counts(): CampaignCounts {
    return { total: this.#parts.campaign.total, settled: this.#view.settled, failed: this.#view.failed };
  }

  start(run: EngineRun): void {
    const { server, me, campaign } = this.#parts;
    const work = this.#begin(run);
    this.#work = work;
    Object.assign(this.#told, { settled: this.#view.settled, failed: this.#view.failed });
    server.answer(me.token, () => JSON.stringify({ cores: run.cores, jobsPerSecond: this.#rate.at(Date.now()) }));
    server.log.listen((chunk, bytes) => this.#learn(chunk, bytes));
    this.#every(campaign.leaseMs / 3, () => work.desk.sayWorking());
    this.#every(recordMs, () => work.desk.settleAll());
    this.#every(tellMs, () => this.#tellOthers(work));
    this.#guard(this.#workThrough(work));
  }

  take(delivery: Delivery): void {
    if (this.#work === undefined) return;
    const { demand, rows } = this.#work;
    this.#rate.add(delivery.jobs.length, Date.now());
    demand.learn(delivery.jobs.length, delivery.sumMs);
    this.#told.settled += delivery.jobs.length;
    if (delivery.failed) this.#told.failed++;
    rows.send(delivery);
  }

  stopTaking(): void {
    this.#work?.puller.stop();
    this.#work?.desk.stopTaking();
  }

  end(): Promise<EngineEnd> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<EngineEnd> {
    if (this.#work !== undefined) await this.#leave(this.#work);
    for (const timer of this.#timers) clearInterval(timer);
    await this.#parts.server.close();
    return { ...this.counts, why: this.#why ?? this.#describePoison() };
  }

  #begin(run: EngineRun): Work {
    const { server, me, order, campaign, patienceMs } = this.#parts;
    const [view, chunks, places] = [this.#view, this.#chunks, this.#places];
    const { warn } = run;
    const patience = new Patience({ patienceMs, warn, mended: () => server.mended, restore: () => this.#restore() });
    const guard = (work: Promise<void>): void => this.#guard(work);
    const verifyRows = (): Promise<void> => rows.verify();
    const desk = new ChunkDesk({ server, patience, me, view, chunks, order, places, run, verifyRows, guard });
    const onStored = (delivery: Delivery): void => desk.stored(delivery);
    const rows = new RowsSender({ server, patience, token: me.token, onStored, warn, guard });
    const demand = new Demand(run.cores);
    const puller = new Puller({
      ...{ server, patience, view, desk, demand, verifyRows, chunkCount: chunks.count, leaseMs: campaign.leaseMs },
      readAll: () => this.#readAll(),
      handIn: () => this.#handIn(),
    });
    return { run, patience, desk, rows, puller, demand };
  }

  async #workThrough(work: Work): Promise<void> {
    const { run, puller, rows, desk } = work;
    await this.#handIn();
    await this.#takeUpOwn(desk, run);
    await puller.run();
    await rows.settle();
    this.#tellOthers(work);
    run.close();
  }

  async #leave({ patience, puller, rows, desk, run }: Work): Promise<void> {
    puller.stop();
    if (this.#parts.server.mended !== undefined)
      run.warn(`the server is away: waiting for it, at most ${endMs / 1_000} s`);
    patience.endIn(endMs);
    try {
      await rows.settle();
      await desk.leave();
    } catch (error) {
      if (!(error instanceof GivenUp)) throw error;
      const why = `the server did not take everything: ${error.message}`;
      this.#why ??= why;
      run.warn(`${why}; what it lacks is in the journal here: start again to hand it in, or merge this folder, too`);
    }
  }

  /** What an earlier start of this machine held, before it died. */
  async #takeUpOwn(desk: ChunkDesk, run: EngineRun): Promise<void> {
    const { me } = this.#parts;
    let isTold = false;
    for (const [chunk, record] of [...this.#view.open()]) {
      if (record?.holder?.machine !== me.machine) continue;
      const isTaken = (await desk.take(chunk, false)) === 'taken';
      if (isTaken && !isTold)
        run.warn(`another machine called ${me.machine} is at work, or an earlier start is not yet known to be gone`);
      isTold ||= isTaken;
    }
  }

  /** Outcomes of the journal here that the log does not know: of a start that died, or from before the server lost its store. */
  async #handIn(): Promise<void> {
    if (this.#work === undefined) return;
    const { run, rows } = this.#work;
    for (const delivery of run.recorded()) {
      const isNews = delivery.jobs.some((job) => {
        const place = this.#places.of(job);
        const chunk = this.#chunks.chunkAt(place);
        return this.#view.recordOf(chunk)?.done.has(place - this.#chunks.rangeOf(chunk).from) !== true;
      });
      if (isNews) rows.send(delivery);
      if (rows.isFull) await rows.settle();
    }
    await rows.settle();
  }

  /** The server is there, but its store was emptied: the campaign is begun anew, with what this machine knows. */
  async #restore(): Promise<void> {
    const { run, desk, rows } = this.#work ?? {};
    const { log } = this.#parts.server;
    const id = await this.#agreedLog();
    const isOther = id !== log.names.id;
    // From here on nothing of what was known before counts: all of it at once.
    log.use(id);
    this.#view.forget();
    desk?.forget();
    rows?.forget();
    run?.warn(
      isOther
        ? 'the server held nothing of this campaign any more; it was begun there anew, with the results from here'
        : 'the server lost the end of its log; what is missing there is handed in again from here',
    );
    if (this.#work !== undefined) this.#guard(this.#comeBack(this.#work));
  }

  /** The log that is there, or a new one. Throws `GivenUp` where it is about something else by now. */
  async #agreedLog(): Promise<LogId> {
    const { server, campaign } = this.#parts;
    const id = await server.log.findOrBegin();
    const there = await server.log.writeMeta(id, encodeCampaign(campaign));
    if (there === undefined) throw new ServerTrouble('its log is not the one it was', true);
    const found = decodeCampaign(there);
    if ('problem' in found || !isSameCampaign(found, campaign)) {
      throw new GivenUp('this campaign was removed there, and another one begun');
    }
    return id;
  }

  async #comeBack({ desk, patience }: Work): Promise<void> {
    await patience.insist(() => this.#fill());
    await desk.claimAgain();
    await patience.insist(() => this.#readAll());
    await this.#handIn();
  }

  #fill(): Promise<void> {
    const { server, campaign } = this.#parts;
    return fillQueue(server.queue, this.#chunks.count, campaign.leaseMs);
  }

  async #readAll(): Promise<void> {
    const { log } = this.#parts.server;
    for await (const { subject, bytes } of log.read(log.names.allChunks, 'last')) {
      const chunk = log.names.chunkOf(subject);
      if (chunk !== undefined) this.#learn(chunk, bytes);
    }
  }

  #learn(chunk: number, bytes: Uint8Array): void {
    if (chunk >= this.#chunks.count) return;
    const record = decodeChunkRecord(new TextDecoder().decode(bytes), this.#chunks.sizeOf(chunk));
    if (record === undefined) return;
    this.#view.learn(chunk, record);
    if (this.#view.isOver) this.#work?.puller.wake();
  }

  #tellOthers({ run }: Work): void {
    const settled = this.#view.settled - this.#told.settled;
    const failed = Math.max(0, this.#view.failed - this.#told.failed);
    if (settled <= 0) return;
    this.#told.settled += settled;
    this.#told.failed += failed;
    run.othersSettled(settled, failed);
  }

  #describePoison(): string | undefined {
    const places = this.#view.poisonPlaces();
    if (places.length === 0) return undefined;
    const jobs = places.slice(0, 5).map((place) => this.#parts.order.at(place));
    const more = places.length > 5 ? ` and ${places.length - 5} more` : '';
    return `job ${jobs.join(', ')}${more} ended every machine that ran it, several times; nobody tries it again`;
  }

  #every(ms: number, act: () => void): void {
    const timer = setInterval(act, ms);
    timer.unref();
    this.#timers.push(timer);
  }

  /** Whatever waits for the server in the background: where it waits in vain, this machine ends. */
  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof GivenUp)) throw error;
      this.#why ??= error.message;
      this.#work?.puller.stop();
      this.#work?.run.close();
    });
  }
}
