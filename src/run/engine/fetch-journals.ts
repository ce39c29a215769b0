import { join } from 'node:path';
import { escapeMachineName } from '../../config/machine-name.ts';
import { Chunks } from '../../core/engine/chunks.ts';
import { decodeRows } from '../../core/engine/rows-message.ts';
import { formatCountOf } from '../../core/format-count.ts';
import { isRecord } from '../../core/is-record.ts';
import { blockHeadEnd } from '../../core/journal/block.ts';
import { partOfBlock } from '../../core/journal/part-of-block.ts';
import type { JobOrder } from '../../core/order.ts';
import { JournalWriter } from '../../runtime/engine/journal-writer.ts';
import type { OpenCampaign } from './open-campaign.ts';
import { RecordedBy } from './recorded-by.ts';

export interface FetchedJournals {
  readonly paths: readonly string[];
  readonly notices: readonly string[];
  /** Jobs that the log says are settled. */
  readonly settled: number;
}

/**
 * Writes the log of a campaign as journals, one for each machine, into an empty folder: of each job the one outcome that was
 * recorded. What else machines have sent (jobs that were taken from them meanwhile) is left out.
 */
export async function fetchJournals(
  { server: { log }, campaign }: OpenCampaign,
  order: JobOrder,
  folder: string,
): Promise<FetchedJournals> {
  const recorded = await RecordedBy.read(log, new Chunks(campaign), order);
  const fetch = new JournalFetch(recorded, order.length, folder);
  try {
    for await (const { subject, bytes } of log.read(log.names.allRows, 'all')) {
      fetch.add(subject.slice(subject.lastIndexOf('.') + 1), bytes);
    }
  } finally {
    fetch.close();
  }
  return fetch.result;
}

class JournalFetch {
  readonly #recorded: RecordedBy;
  readonly #folder: string;
  readonly #writers = new Map<string, JournalWriter>();
  /** By job: a start may have sent one twice. */
  readonly #written: Uint8Array;
  readonly #notices: string[] = [];
  #unreadable = 0;

  constructor(recorded: RecordedBy, jobs: number, folder: string) {
    this.#recorded = recorded;
    this.#written = new Uint8Array(jobs);
    this.#folder = folder;
  }

  get result(): FetchedJournals {
    const damaged =
      this.#unreadable === 0 ? [] : [`${formatCountOf(this.#unreadable, 'message')} of the log cannot be read`];
    return {
      paths: [...this.#writers.values()].map(({ path }) => path),
      notices: [...this.#notices, ...damaged],
      settled: this.#recorded.settled,
    };
  }

  add(token: string, bytes: Uint8Array): void {
    const message = decodeRows(bytes);
    if (message === undefined) {
      this.#unreadable++;
      return;
    }
    const { headerJson, sessionJson, bodies } = message;
    const writer = this.#writerOf(headerJson);
    for (const body of bodies) {
      const wanted = this.#wantedOf(token, body);
      if (wanted !== undefined) writer.add(sessionJson, wanted);
    }
  }

  close(): void {
    for (const writer of this.#writers.values()) writer.close();
  }

  /** What of a body this start recorded; `undefined`: nothing. */
  #wantedOf(token: string, body: Uint8Array): Uint8Array | undefined {
    const facts = readFacts(body);
    if (facts === undefined) {
      this.#unreadable++;
      return undefined;
    }
    const { type, jobs } = facts;
    if (type === 'kept') {
      const where = `the result of job ${jobs.join(', ')} was too long for the server`;
      this.#notices.push(`${where}: merge the folder of the machine that computed it, too`);
      return undefined;
    }
    const wants = (job: number): boolean => this.#recorded.isBy(token, job) && this.#written[job] === 0;
    const wanted = jobs.filter(wants);
    if (wanted.length === 0) return undefined;
    const isWhole = wanted.length === jobs.length;
    const part = isWhole || type !== 'block' ? body : toUtf8.encode(partOfBlock(fromUtf8.decode(body), wants));
    for (const job of wanted) this.#written[job] = 1;
    return part;
  }

  #writerOf(headerJson: string): JournalWriter {
    const known = this.#writers.get(headerJson);
    if (known !== undefined) return known;
    const path = join(this.#folder, `${this.#writers.size}-${escapeMachineName(machineOf(headerJson))}.jsonl`);
    const writer = new JournalWriter(path, headerJson);
    this.#writers.set(headerJson, writer);
    return writer;
  }
}

const toUtf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** Which jobs a body is about. */
function readFacts(body: Uint8Array): { readonly type: string; readonly jobs: readonly number[] } | undefined {
  const text = fromUtf8.decode(body);
  const head = text.startsWith('{"type":"block",') ? `${text.slice(0, text.indexOf(blockHeadEnd))}}` : text;
  const value = parse(head);
  if (!isRecord(value)) return undefined;
  const jobs = Array.isArray(value.list)
    ? value.list.map((item) => (isRecord(item) ? item.job : undefined))
    : value.jobs;
  if (!Array.isArray(jobs) || !jobs.every((job) => Number.isSafeInteger(job))) return undefined;
  return { type: String(value.type), jobs };
}

function machineOf(headerJson: string): string {
  const header = parse(headerJson);
  return isRecord(header) ? String(header.machine).slice(0, 100) : '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
