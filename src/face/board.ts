import { escapeText } from '../core/escape-text.ts';
import { RunProgress } from '../core/progress/run-progress.ts';
import type { Reporter, RunEvent } from '../core/run-event.ts';
import { type BoardStyle, renderBoard } from './board-view.ts';
import { describeOutput } from './describe-output.ts';
import { EventLines } from './event-lines.ts';
import { LiveArea } from './live-area.ts';
import { hasOwnWindow } from './own-window.ts';
import { RedrawPace, slowestMs } from './redraw-pace.ts';
import { Tail } from './tail.ts';

/** The board on a terminal; warnings and failures, and with `--tail` what jobs print, scroll above it. */
export class Board implements Reporter {
  readonly #stream = process.stderr;
  readonly #progress = new RunProgress();
  readonly #lines = new EventLines();
  readonly #style: BoardStyle;
  readonly #showsOutput: boolean;
  readonly #tail = new Tail();
  readonly #name: string;
  #area: LiveArea | undefined;
  #showsTitle = false;
  #title = '';
  #timer: NodeJS.Timeout | undefined;
  /** A redraw is coming because something has happened. */
  #isDue = false;
  #drawnAtMs = 0;
  readonly #pace = new RedrawPace();

  constructor(name: string, style: BoardStyle, showsOutput: boolean) {
    this.#name = name;
    this.#style = style;
    this.#showsOutput = showsOutput;
  }

  on(event: RunEvent): void {
    this.#progress.take(event);
    const output = this.#showsOutput ? describeOutput(event) : undefined;
    if (output !== undefined) this.#tail.add('worker' in event ? event.worker : 0, escapeText(output));
    const lines = event.type === 'run-started' ? [] : this.#lines.of(event);
    if (lines.length > 0) this.#print(lines.map((line) => `${escapeText(line)}\n`).join(''));
    if (event.type === 'run-started') this.#start();
    if (event.type === 'run-ended') this.#end();
    else this.#drawSoon();
  }

  #print(text: string): void {
    if (this.#area === undefined) this.#stream.write(text);
    else this.#area.print(this.#tail.take() + text);
  }

  /** Again, where a rescue has given the machine other jobs. */
  #start(): void {
    if (this.#area !== undefined) return;
    this.#area = new LiveArea(this.#stream, () => this.#draw());
    // Jobs begin in this moment: they go first.
    this.#drawnAtMs = performance.now();
    hasOwnWindow().then((has) => {
      this.#showsTitle = has;
    });
  }

  #end(): void {
    if (this.#area === undefined) return;
    this.#draw();
    clearTimeout(this.#timer);
    this.#area.end();
    this.#area = undefined;
  }

  #drawTitle(): void {
    const { settled, total } = this.#progress;
    const title = `${Math.floor((100 * settled) / Math.max(1, total))} % ${escapeText(this.#name)}`;
    if (title !== this.#title) this.#area?.title(title);
    this.#title = title;
  }

  #drawSoon(): void {
    if (this.#isDue || this.#area === undefined) return;
    this.#isDue = true;
    this.#drawIn(Math.max(0, this.#drawnAtMs + this.#pace.intervalMs - performance.now()));
  }

  #drawIn(ms: number): void {
    clearTimeout(this.#timer);
    // What waits for what never happens is to be found out (`whenIdle`), not shown for ever.
    this.#timer = setTimeout(() => this.#draw(), ms).unref();
  }

  #draw(): void {
    this.#isDue = false;
    this.#drawnAtMs = performance.now();
    // Where nothing happens, as often as clocks show another second.
    this.#drawIn(slowestMs);
    const text = this.#tail.take();
    if (text !== '') this.#area?.print(text);
    const size = { columns: this.#stream.columns || 80, rows: this.#stream.rows || 24 };
    this.#area?.draw(renderBoard(this.#progress, size, this.#style, Date.now()));
    if (this.#showsTitle) this.#drawTitle();
    this.#pace.took(performance.now() - this.#drawnAtMs);
  }
}
