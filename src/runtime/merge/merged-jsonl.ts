import { encodeJson } from '../../core/json.ts';
import { uniqueNames } from '../../core/merge/column-names.ts';
import type { MergedJob, MergedTable } from '../../core/merge/merged-row.ts';
import { mergedValues } from '../../core/merge/merged-values.ts';
import type { Files } from '../files.ts';
import type { MergedLayout } from './merged-csv.ts';
import { TextFile } from './text-file.ts';

const writeAtChars = 1 << 20;

/** One JSON object per row, its keys from the header. NaN and its like as `core/json.ts` spells them. */
export class MergedJsonl implements MergedTable {
  readonly fileName: string;
  readonly #layout: MergedLayout;
  readonly #file: TextFile;
  #keys: readonly string[] = [];
  #text = '';

  constructor(path: string, fileName: string, layout: MergedLayout, files: Files) {
    this.fileName = fileName;
    this.#layout = layout;
    this.#file = new TextFile(path, files);
  }

  add(job: MergedJob, width: number): void {
    const { shape, seed } = this.#layout;
    for (const values of mergedValues(job, shape, seed)) {
      const keys = this.#keysFor(values.length, width);
      this.#text += `{${values.map((value, at) => `${keys[at]}:${encodeJson(value)}`).join(',')}}\n`;
    }
    if (this.#text.length >= writeAtChars) this.#write();
  }

  finish(): void {
    this.#write();
    this.#file.finish();
  }

  close(): void {
    this.#file.close();
  }

  #write(): void {
    this.#file.write(Buffer.from(this.#text));
    this.#text = '';
  }

  #keysFor(count: number, width: number): readonly string[] {
    if (this.#keys.length < count) {
      this.#keys = uniqueNames(this.#layout.header(width), count).map((name) => JSON.stringify(name));
    }
    return this.#keys;
  }
}
