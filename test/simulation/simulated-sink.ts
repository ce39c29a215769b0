import type { Piece } from '../../src/core/journal/line.ts';
import type { Random } from '../../src/core/random.ts';
import type { FlushResult, JournalSink } from '../../src/runtime/ports.ts';
import type { Faults } from './faults.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { VirtualClock } from './virtual-clock.ts';

const utf8 = new TextDecoder();

export function joinText(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : utf8.decode(piece))).join('');
}

/** Writes to the simulated disk as the journal file does: takes time, is torn, refused, held up. */
export class SimulatedSink implements JournalSink {
  readonly #disk: SimulatedDisk;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #faults: Faults;
  #isDead = false;

  constructor(disk: SimulatedDisk, clock: VirtualClock, random: Random, faults: Faults) {
    this.#disk = disk;
    this.#clock = clock;
    this.#random = random;
    this.#faults = faults;
  }

  flush(pieces: readonly Piece[], positionBytes: number, done: (result: FlushResult) => void): void {
    const text = joinText(pieces);
    const { diskDies, diskFull, syncFails, diskStalls } = this.#faults;
    const random = this.#random;
    const draw = (probability: number): boolean => probability > 0 && random() < probability;
    const end = (afterMs: number, result: FlushResult): void => this.#clock.after(afterMs, () => done(result));
    this.#isDead ||= draw(diskDies);
    if (this.#isDead) {
      end(1, { ok: false, why: 'read-only file system', mayPass: false });
      return;
    }
    this.#disk.write(positionBytes, text.slice(0, random.int(0, text.length)));
    if (draw(diskFull)) {
      end(1, { ok: false, why: 'no space left on device', mayPass: true });
      return;
    }
    if (draw(syncFails)) {
      this.#disk.write(positionBytes, text);
      this.#disk.failSync(random);
      end(5, { ok: false, why: 'input/output error', mayPass: true });
      return;
    }
    this.#clock.after(draw(diskStalls) ? random() * 60_000 : random() * 20, () => {
      this.#disk.write(positionBytes, text);
      this.#disk.sync();
      end(0.1, { ok: true, bytes: text.length });
    });
  }
}
