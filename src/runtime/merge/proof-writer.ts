import { createHash } from 'node:crypto';
import type { Hex, JobIndex } from '../../core/ids.ts';
import { type ProofHead, sealProof } from '../../core/merge/proof.ts';
import { type HashTools, type RangeProof, ResultsHash } from '../../core/merge/results-hash.ts';
import { checksum, createNodeSha256 } from '../checksum.ts';
import { type Files, withFile } from '../files.ts';
import { TextFile } from './text-file.ts';

export const hashTools: HashTools = {
  crcOf: (bytes) => checksum(bytes),
  sha256Of: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  createSha256: createNodeSha256,
};

/** Writes `proof.json`: the ranges go to a file of their own until the head is known. */
export class ProofWriter {
  readonly #path: string;
  readonly #files: Files;
  readonly #ranges: TextFile;
  readonly #hash: ResultsHash;
  #count = 0;

  constructor(path: string, pool: { readonly digest: string; readonly jobs: number }, files: Files) {
    this.#path = path;
    this.#files = files;
    this.#ranges = new TextFile(rangesPath(path), files);
    this.#hash = new ResultsHash(pool, hashTools, (range) => this.#write(range));
  }

  add(job: JobIndex, rows: readonly string[] | undefined): void {
    this.#hash.add(job, rows);
  }

  /** The hash of all results. */
  finish(): Hex {
    const results = this.#hash.finish();
    this.#ranges.close();
    return results;
  }

  /** After `finish`. */
  write(head: ProofHead): void {
    const start = JSON.stringify({ ...head, seal: sealProof(head) }, null, 2).slice(0, -2);
    const proof = new TextFile(this.#path, this.#files);
    try {
      proof.write(Buffer.from(`${start},\n  "ranges": [\n`));
      withFile(this.#files, rangesPath(this.#path), 'read', (file) => {
        const chunk = Buffer.allocUnsafe(1 << 20);
        for (let at = 0; ; ) {
          const read = this.#files.read(file, chunk, at);
          if (read === 0) break;
          proof.write(chunk.subarray(0, read));
          at += read;
        }
      });
      proof.write(Buffer.from('\n  ]\n}\n'));
      proof.finish();
    } finally {
      proof.close();
    }
  }

  close(): void {
    this.#ranges.close();
  }

  #write(range: RangeProof): void {
    const comma = this.#count++ === 0 ? '' : ',\n';
    this.#ranges.write(Buffer.from(`${comma}    ${JSON.stringify(range)}`));
  }
}

const rangesPath = (path: string): string => `${path}.ranges`;
