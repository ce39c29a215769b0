import { writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { CsvLines } from '../../core/csv-line.ts';
import type { Answer } from '../../core/dispatch/protocol.ts';
import { BlockText, type Success } from '../../core/journal/block-text.ts';
import type { JobFile } from '../../core/outcome.ts';
import type { RowText } from '../../core/row-text.ts';
import { RowWidths } from '../../core/row-widths.ts';
import { quoteCell } from '../quote-cell.ts';
import { type Frame, framesFd, type WorkerTask } from './messages.ts';

// A job may replace what `JSON` holds.
const { stringify } = JSON;

/** More is written in between, so that memory stays small. */
const blockBytesMax = 128 * 1024;
/** How often a full pipe is tried again, 1 ms apart (only where the system made it non-blocking). */
const triesMax = 60_000;

/** What has been answered and not sent yet. Everything is written synchronously, in the order of the jobs. */
export class Outbox {
  readonly #block: BlockText;
  /** Of the rows; where the experiment does not name its columns, the first row tells. */
  #width: number | undefined;
  /** Of all rows; `undefined`: each fits the experiment's columns. */
  readonly #widths: RowWidths | undefined;

  constructor(worker: number, { csv }: Pick<WorkerTask, 'csv'>, width: number | undefined) {
    this.#block = new BlockText(worker, new CsvLines(csv, quoteCell));
    this.#width = width;
    this.#widths = width === undefined ? new RowWidths() : undefined;
  }

  get isEmpty(): boolean {
    return this.#block.jobs === 0;
  }

  succeeded(success: Success, rows: readonly RowText[], files: readonly JobFile[] | undefined): void {
    if (!this.#block.takes(success.job.attempt)) this.flush();
    this.#width ??= rows[0]?.width;
    if (this.#widths !== undefined) for (let at = 0; at < rows.length; at++) this.#widths.add(rows[at]?.width ?? 0);
    this.#block.add(success, rows, files, this.#width ?? 0);
    if (this.#block.bytes > blockBytesMax) this.flush();
  }

  failed(answer: Answer): void {
    this.flush();
    this.#write({ type: 'failed', bytes: 0, answer });
  }

  leaving(): void {
    this.flush();
    this.#write({ type: 'leaving', bytes: 0 });
  }

  flush(): void {
    if (this.#block.jobs === 0) return;
    const { body, csv, bodyBytes, csvBytes, jobs, sumMs, maxMs } = this.#block.take(crc32);
    const bytes = bodyBytes + csvBytes;
    const [width, widths] = [this.#width ?? null, this.#widths?.span];
    this.#write({ type: 'block', bytes, csvBytes, jobs, sumMs, maxMs, width, widths }, body, csv);
  }

  #write(head: Frame, ...texts: readonly Uint8Array[]): void {
    writeWhole(Buffer.concat([Buffer.from(`${stringify(head)}\n`), ...texts]));
  }
}

function writeWhole(bytes: Buffer): void {
  let written = 0;
  for (let tries = 0; written < bytes.length && tries < triesMax; tries++) {
    try {
      written += writeSync(framesFd, bytes, written);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      // Full: the parent will read.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  // What follows a torn frame would be taken for its rest.
  if (written < bytes.length) throw new Error('Internal error: the parent does not read');
}
