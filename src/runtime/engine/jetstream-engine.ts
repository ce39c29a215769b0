import { type Campaign, chunkOfSubject, encodeCampaign } from '../../core/engine/campaign.ts';
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
import { GivenUp, Patience } from './patience.ts';
import { Puller } from './puller.ts';
import { RowsSender } from './rows-sender.ts';

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
const enqueuedAtOnce = 256;

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
    server.listen((subject, bytes) => this.#learn(subject, bytes));
    this.#every(campaign.leaseMs / 3, () => work.desk.sayWorking());
    this.#every(recordMs, () => work.desk.settleAll());
    this.#every(tellMs, () => this.#tellOthers(work));
    this.#guard(this.#workThrough(work));
  }

  take(delivery: Delivery): void {
    if (this.#work === undefined) return;
    const { demand, desk, rows } = this.#work;
    this.#rate.add(delivery.jobs.length, Date.now());
    demand.learn(delivery.jobs.length, delivery.sumMs);
    desk.outstanding -= delivery.jobs.length;
    this.#told.settled += delivery.jobs.length;
    if (delivery.failed) this.#told.failed++;
    rows.send(delivery);
  }

  stopTaking(): void {
    this.#work?.puller.stop();
    this.#work?.desk.stopTaking();
  }

  async end(): Promise<EngineEnd> {
    if (this.#work !== undefined) await this.#leave(this.#work);
    for (const timer of this.#timers) clearInterval(timer);
    await this.#parts.server.close();
    return { ...this.counts, why: this.#why ?? this.#describePoison() };
  }

  #begin(run: EngineRun): Work {
    const { server, me, order, campaign, patienceMs } = this.#parts;
    const [view, chunks, places] = [this.#view, this.#chunks, this.#places];
    const { warn } = run;
    const patience = new Patience({ patienceMs, warn, restore: () => this.#restore() });
    const guard = (work: Promise<void>): void => this.#guard(work);
    const desk = new ChunkDesk({ server, patience, me, view, chunks, order, places, run, guard });
    const onStored = (delivery: Delivery): void => desk.stored(delivery);
    const rows = new RowsSender({ server, patience, token: me.token, onStored, warn });
    const demand = new Demand(run.cores);
    const puller = new Puller({
      ...{ server, patience, view, desk, demand, chunkCount: chunks.count, leaseMs: campaign.leaseMs },
      readAll: () => this.#readAll(),
      handIn: () => this.#handIn(),
    });
    return { run, patience, desk, rows, puller, demand };
  }

  async #workThrough({ run, puller, rows, desk }: Work): Promise<void> {
    await this.#handIn();
    await this.#takeUpOwn(desk);
    await puller.run();
    await rows.settle();
    run.close();
  }

  async #leave({ patience, puller, rows, desk }: Work): Promise<void> {
    puller.stop();
    patience.endIn(endMs);
    try {
      await rows.settle();
      await desk.leave();
    } catch (error) {
      if (!(error instanceof GivenUp)) throw error;
      this.#why ??= `the server did not take everything: ${error.message}`;
    }
  }

  /** What an earlier start of this machine held, before it died. */
  async #takeUpOwn(desk: ChunkDesk): Promise<void> {
    const { me } = this.#parts;
    for (const [chunk, record] of [...this.#view.open()]) {
      if (record?.holder?.machine === me.machine) await desk.take(chunk, false);
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
    const { run, desk } = this.#work ?? {};
    await this.#fill();
    run?.warn('the server held nothing of this campaign any more; it was begun there anew, with the results from here');
    this.#view.forget();
    desk?.forget();
    if (desk !== undefined) this.#guard(this.#comeBack(desk));
  }

  async #comeBack(desk: ChunkDesk): Promise<void> {
    await desk.claimAgain();
    await this.#work?.patience.insist(() => this.#readAll());
    await this.#handIn();
  }

  /** Everything that a campaign needs in the server, where it is not there yet: any machine can begin this, or finish it. */
  async #fill(): Promise<void> {
    const { server, campaign } = this.#parts;
    await server.prepareLog();
    await server.append(server.names.meta, encodeCampaign(campaign), 0, `meta-${campaign.planDigest}`);
    await server.prepareQueue(campaign.leaseMs);
    const { count } = this.#chunks;
    if ((await server.countQueued()) >= count) return;
    for (let from = 0; from < count; from += enqueuedAtOnce) {
      const length = Math.min(enqueuedAtOnce, count - from);
      await Promise.all(Array.from({ length }, (_, at) => server.enqueue(from + at)));
    }
  }

  async #readAll(): Promise<void> {
    const { server } = this.#parts;
    for await (const { subject, bytes } of server.read(server.names.allChunks, 'last')) this.#learn(subject, bytes);
  }

  #learn(subject: string, bytes: Uint8Array): void {
    const chunk = chunkOfSubject(subject);
    if (chunk === undefined || chunk >= this.#chunks.count) return;
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
      this.#why ??= `the server was waited for in vain: ${error.message}`;
      this.#work?.puller.stop();
      this.#work?.run.close();
    });
  }
}
