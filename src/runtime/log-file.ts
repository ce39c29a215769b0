import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import type { LoggingSettings } from '../config/settings.ts';

export type LogFileSettings = Pick<LoggingSettings, 'fileName' | 'autoZip' | 'maxFileSizeBytes' | 'backupCount'>;

/** After a write that failed, how long the log is left alone. What happens meanwhile is not logged. */
const reopenAfterMs = 1_000;
/** Lines wait so long for company: each write wakes threads up, which cost a job of 10 ms that logs one line 3 %. */
const gatherMs = 100;
/** So much does not wait. */
const gatheredCharsMax = 65_536;

/** A file that lines are added to, and that is rotated and compressed. Its troubles lose lines, and never end a run. */
export class LogFile {
  readonly #folder: string;
  readonly #settings: LogFileSettings;
  #stream: RotatingFileStream | undefined;
  #brokenAtMs = Number.NEGATIVE_INFINITY;
  /** Larger than the setting while the file cannot be rotated. */
  #rotateAtBytes: number;
  #gathered = '';
  #timer: NodeJS.Timeout | undefined;
  /** What the stream is writing: one piece at a time, so that it is known which were written when it fails. */
  #inHand = '';
  #onFree: () => void = () => undefined;

  constructor(folder: string, settings: LogFileSettings) {
    this.#folder = folder;
    this.#settings = settings;
    this.#rotateAtBytes = settings.maxFileSizeBytes;
  }

  /** Lines of one moment go to the file together: a job may print a million of them. */
  write(line: string): void {
    this.#gathered += line;
    this.#flushInTime();
  }

  #flushInTime(): void {
    if (this.#gathered.length >= gatheredCharsMax) this.#flush();
    else if (this.#gathered !== '') this.#timer ??= setTimeout(() => this.#flush(), gatherMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#gathered === '' || this.#inHand !== '') return;
    if (this.#stream === undefined && performance.now() - this.#brokenAtMs > reopenAfterMs) this.#stream = this.#open();
    if (this.#stream !== undefined) this.#inHand = this.#gathered;
    this.#gathered = '';
    this.#stream?.write(this.#inHand, (error) => {
      if (!error) this.#free();
    });
  }

  #free(): void {
    this.#inHand = '';
    this.#flushInTime();
    this.#onFree();
  }

  #open(): RotatingFileStream {
    const { fileName, autoZip, backupCount } = this.#settings;
    const stream = createStream(nameOf(fileName, autoZip), {
      path: this.#folder,
      size: `${this.#rotateAtBytes}B`,
      rotate: Math.max(1, backupCount),
      ...(autoZip && { compress: 'gzip' as const }),
    });
    let [wasOpen, isRotating] = [false, false];
    stream.on('open', () => {
      wasOpen = true;
    });
    stream.on('rotation', () => {
      isRotating = true;
    });
    stream.on('rotated', () => {
      isRotating = false;
      this.#rotateAsSet(stream);
    });
    // A stream that failed once is dead: another takes its place, at once or after a while.
    stream.on('error', () => {
      if (this.#stream === stream) this.#stream = undefined;
      if (isRotating) this.#rotateLater();
      else this.#brokenAtMs = performance.now();
      // It rotates after it has written, but for a file that was too large when it was opened.
      if (isRotating && !wasOpen) this.#gathered = this.#inHand + this.#gathered;
      this.#free();
    });
    stream.on('warning', () => undefined);
    return stream;
  }

  /** Somebody holds the file (Windows), or its place is taken: it grows on, and is tried again after as much again. */
  #rotateLater(): void {
    const { fileName, maxFileSizeBytes } = this.#settings;
    const bytes = statSync(join(this.#folder, fileName), { throwIfNoEntry: false })?.size ?? 0;
    this.#rotateAtBytes = bytes + maxFileSizeBytes;
  }

  #rotateAsSet(stream: RotatingFileStream): void {
    const { maxFileSizeBytes } = this.#settings;
    if (this.#rotateAtBytes === maxFileSizeBytes) return;
    this.#rotateAtBytes = maxFileSizeBytes;
    this.#stream = undefined;
    stream.end();
  }

  async close(): Promise<void> {
    for (this.#flush(); this.#inHand !== ''; this.#flush()) {
      await new Promise<void>((resolve) => {
        this.#onFree = resolve;
      });
    }
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed) return;
    await new Promise<void>((resolve) => {
      stream.once('error', () => resolve());
      stream.end(() => resolve());
    });
  }
}

/** `run.log`, then `run.log.1.gz`, … */
function nameOf(fileName: string, zipped: boolean): (index: number | Date | null) => string {
  return (index) => (index === null ? fileName : `${fileName}.${String(index)}${zipped ? '.gz' : ''}`);
}
