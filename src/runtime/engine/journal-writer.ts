import { encodeLine, encodeSpeltLine } from '../../core/journal/line.ts';
import { checksum } from '../checksum.ts';
import { systemFiles, writeAll } from '../files.ts';

const gatherBytes = 1 << 20;

/** Writes a journal from bodies of lines. Nothing is synced: it can be made again. */
export class JournalWriter {
  readonly path: string;
  readonly #file: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #bytes = 0;
  #seq = 0;
  #session = '';

  constructor(path: string, headerJson: string) {
    this.path = path;
    this.#file = systemFiles.open(path, 'replace');
    this.#put([encodeLine(this.#seq++, headerJson, checksum)]);
  }

  /** Under the session that it belongs to. */
  add(sessionJson: string, body: Uint8Array): void {
    if (sessionJson !== this.#session) this.#put([encodeLine(this.#seq++, sessionJson, checksum)]);
    this.#session = sessionJson;
    this.#put(encodeSpeltLine(this.#seq++, body, checksum));
  }

  close(): void {
    this.#flush();
    systemFiles.close(this.#file);
  }

  #put(pieces: readonly (string | Uint8Array)[]): void {
    for (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
    }
    if (this.#waitingBytes >= gatherBytes) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#waiting);
    writeAll(systemFiles, this.#file, bytes, this.#bytes);
    this.#bytes += bytes.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
