import type { Random } from '../../src/core/random.ts';

type Write = { readonly at: number; readonly text: string } | { readonly cutAt: number };

/**
 * One file as the system sees it (what programs read) and as the disk holds it (what a power cut leaves). Texts are
 * ASCII: one character is one byte.
 */
export class SimulatedDisk {
  /** What programs read, also after the process was killed. */
  #seen = '';
  /** What is surely there after a power cut. */
  #durable = '';
  /** What the next sync brings to the disk. */
  #dirty: Write[] = [];

  get seen(): string {
    return this.#seen;
  }

  get durable(): string {
    return this.#durable;
  }

  write(at: number, text: string): void {
    this.#do({ at, text });
  }

  cut(cutAt: number): void {
    if (this.#seen.length > cutAt) this.#do({ cutAt });
  }

  /** Writes anew what is there, so that a sync is a promise also for pages that an earlier one failed to write. */
  rewrite(): void {
    this.#do({ at: 0, text: this.#seen });
  }

  sync(): void {
    for (const write of this.#dirty) this.#durable = apply(this.#durable, write);
    this.#dirty = [];
  }

  /** A sync that fails: the pages count as clean from then on, whether they were written or not. */
  failSync(random: Random): void {
    for (const write of this.#dirty) if (random() < 0.5) this.#durable = apply(this.#durable, write);
    this.#dirty = [];
  }

  /** Of what was not synced, each piece may be there or not, as a whole, in part or with a hole. */
  powerCut(random: Random, holes: number): void {
    for (const write of this.#dirty) {
      if (random() < 0.3) continue;
      this.#durable = apply(this.#durable, random() < 0.3 ? write : tear(write, this.#durable, random, holes));
    }
    this.#dirty = [];
    this.#seen = this.#durable;
  }

  #do(write: Write): void {
    this.#seen = apply(this.#seen, write);
    this.#dirty.push(write);
  }
}

function tear(write: Write, before: string, random: Random, holes: number): Write {
  if ('cutAt' in write || write.text.length === 0) return write;
  const { at, text } = write;
  const from = random.int(0, text.length - 1);
  if (random() >= holes) return { at, text: text.slice(0, from) };
  const to = random.int(from, text.length);
  const old = before.slice(at + from, at + to).padEnd(to - from, '\0');
  return { at, text: text.slice(0, from) + old + text.slice(to) };
}

function apply(file: string, write: Write): string {
  if ('cutAt' in write) return file.slice(0, write.cutAt);
  const { at, text } = write;
  return file.slice(0, at).padEnd(at, '\0') + text + file.slice(at + text.length);
}
