import { escapeText } from '../core/escape-text.ts';
import type { Reporter, RunEvent } from '../core/run-event.ts';
import { BoardState } from './board-state.ts';
import { renderBoard } from './board-view.ts';
import { describeEvent } from './plain-lines.ts';

/** At most ten a second. */
const redrawMs = 100;

/** The board on a terminal; warnings and failures scroll above it. */
export class Board implements Reporter {
  readonly #stream = process.stderr;
  /** Loaded while the first workers start: nothing is to be drawn before. */
  #update: ReturnType<typeof import('log-update').createLogUpdate> | undefined;
  readonly #state = new BoardState();
  readonly #style: { readonly style: '0' | '1' | '2'; readonly barLength: number };
  #timer: NodeJS.Timeout | undefined;

  constructor(style: { readonly style: '0' | '1' | '2'; readonly barLength: number }) {
    this.#style = style;
    import('log-update').then(({ createLogUpdate }) => {
      this.#update = createLogUpdate(this.#stream);
    });
  }

  on(event: RunEvent): void {
    this.#state.take(event);
    const line = event.type === 'run-started' || event.type === 'run-ended' ? undefined : describeEvent(event);
    if (line !== undefined) {
      this.#update?.clear();
      this.#stream.write(`${escapeText(line)}\n`);
    }
    if (event.type === 'run-started') this.#timer = setInterval(() => this.#draw(), redrawMs);
    if (event.type === 'run-ended') this.#end();
  }

  #end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#draw();
    this.#update?.done();
  }

  #draw(): void {
    if (this.#update === undefined) return;
    const size = { columns: this.#stream.columns || 80, rows: this.#stream.rows || 24 };
    this.#update(renderBoard(this.#state, size, this.#style, Date.now()).join('\n'));
  }
}
