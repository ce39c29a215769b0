import { escapeText } from '../core/escape-text.ts';
import { RunProgress } from '../core/progress/run-progress.ts';
import type { Reporter, RunEvent } from '../core/run-event.ts';
import { type BoardStyle, renderBoard } from './board-view.ts';
import { describeOutput } from './describe-output.ts';
import { LiveArea } from './live-area.ts';
import { hasOwnWindow } from './own-window.ts';
import { describeEvent } from './plain-lines.ts';
import { Tail } from './tail.ts';

/** Four times a second look smooth; a redraw costs as much as all else that a moment of a run asks of the main process, … */
const redrawMs = 250;
/** … and where nothing has happened, so often that clocks do not jump. */
const quietRedrawMs = 500;

/** The board on a terminal; warnings and failures, and with `--tail` what jobs print, scroll above it. */
export class Board implements Reporter {
  readonly #stream = process.stderr;
  readonly #progress = new RunProgress();
  readonly #style: BoardStyle;
  readonly #showsOutput: boolean;
  readonly #tail = new Tail();
  readonly #name: string;
  #area: LiveArea | undefined;
  #showsTitle = false;
  #title = '';
  #timer: NodeJS.Timeout | undefined;
  #hasNews = false;
  #drawnAtMs = 0;

  constructor(name: string, style: BoardStyle, showsOutput: boolean) {
    this.#name = name;
    this.#style = style;
    this.#showsOutput = showsOutput;
  }

  on(event: RunEvent): void {
    this.#progress.take(event);
    this.#hasNews = true;
    const output = this.#showsOutput ? describeOutput(event) : undefined;
    if (output !== undefined) this.#tail.add('worker' in event ? event.worker : 0, escapeText(output));
    const line = event.type === 'run-started' || event.type === 'run-ended' ? undefined : describeEvent(event);
    if (line !== undefined) this.#print(`${escapeText(line)}\n`);
    if (event.type === 'run-started') this.#start();
    if (event.type === 'run-ended') this.#end();
  }

  #print(text: string): void {
    if (this.#area === undefined) this.#stream.write(text);
    else this.#area.print(this.#tail.take() + text);
  }

  #start(): void {
    this.#area = new LiveArea(this.#stream, () => this.#draw());
    this.#timer = setInterval(() => this.#drawIfDue(), redrawMs);
    hasOwnWindow().then((has) => {
      this.#showsTitle = has;
    });
  }

  #end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#draw();
    this.#area?.end();
    this.#area = undefined;
  }

  #drawTitle(): void {
    const { settled, total } = this.#progress;
    const title = `${Math.floor((100 * settled) / Math.max(1, total))} % ${escapeText(this.#name)}`;
    if (title !== this.#title) this.#area?.title(title);
    this.#title = title;
  }

  #drawIfDue(): void {
    if (this.#hasNews || performance.now() - this.#drawnAtMs >= quietRedrawMs) this.#draw();
  }

  #draw(): void {
    this.#hasNews = false;
    this.#drawnAtMs = performance.now();
    const text = this.#tail.take();
    if (text !== '') this.#area?.print(text);
    const size = { columns: this.#stream.columns || 80, rows: this.#stream.rows || 24 };
    this.#area?.draw(renderBoard(this.#progress, size, this.#style, Date.now()));
    if (this.#showsTitle) this.#drawTitle();
  }
}
