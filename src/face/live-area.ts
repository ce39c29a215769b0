import { eraseResized, hideCursor, insertAbove, leaveBoard, repaint } from './repaint.ts';

/** Everything is written anew after so long: somebody typed into the terminal, another program wrote over it. */
const refreshMs = 1_000;

type Write = NodeJS.WriteStream['write'];

/**
 * The one place that draws on a terminal: some lines at the bottom that change in place, while text scrolls above them.
 * What anything else in this process writes meanwhile (`console.log` in `onResult`) goes above, too.
 */
export class LiveArea {
  readonly #write: Write;
  readonly #restore: (() => void)[] = [];
  readonly #onExit = (): void => this.end();
  #lines: readonly string[] = [];
  #freshAtMs = Number.NEGATIVE_INFINITY;
  /** What others wrote without a line feed yet. */
  #unfinished = '';
  #isOver = false;

  constructor(stream: NodeJS.WriteStream, onResize: () => void) {
    this.#write = stream.write.bind(stream);
    this.#write(hideCursor);
    process.once('exit', this.#onExit);
    const resized = (): void => {
      this.#write(eraseResized(this.#lines, stream.columns));
      this.#lines = [];
      onResize();
    };
    stream.on('resize', resized);
    this.#restore.push(() => stream.off('resize', resized));
    for (const other of [process.stdout, process.stderr]) if (other.isTTY) this.#divert(other);
  }

  /** Shows these lines in place of the last ones. None may be as wide as the terminal. */
  draw(lines: readonly string[]): void {
    if (this.#isOver) return;
    const nowMs = performance.now();
    const isStale = nowMs - this.#freshAtMs >= refreshMs;
    if (isStale) this.#freshAtMs = nowMs;
    // An empty text is a line that differs from all that are drawn, but for its length.
    const before = isStale ? this.#lines.map(() => '\u0000') : this.#lines;
    const text = repaint(before, lines);
    this.#lines = lines;
    if (text !== '') this.#write(text);
  }

  /** Of the window; `text` holds no control characters. */
  title(text: string): void {
    if (process.platform === 'win32') process.title = text;
    else this.#write(`\u001b]0;${text}\u0007`);
  }

  /** `text` ends with a line feed and holds nothing that moves the cursor. */
  print(text: string): void {
    if (this.#isOver) this.#write(text);
    else this.#write(insertAbove(text.replaceAll('\n', '\r\n'), this.#lines));
  }

  /** Leaves what was drawn last above the cursor. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    process.off('exit', this.#onExit);
    for (const restore of this.#restore) restore();
    if (this.#unfinished !== '') this.#write(insertAbove(`${this.#unfinished}\r\n`, this.#lines));
    this.#write(leaveBoard(this.#lines));
  }

  #divert(stream: NodeJS.WriteStream): void {
    const own = stream.write;
    stream.write = ((data: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
      const text = this.#unfinished + (typeof data === 'string' ? data : Buffer.from(data).toString('utf8'));
      const end = text.lastIndexOf('\n') + 1;
      this.#unfinished = text.slice(end);
      const done = rest.find((one): one is (error?: Error | null) => void => typeof one === 'function');
      if (end > 0) this.print(text.slice(0, end));
      if (done !== undefined) process.nextTick(done);
      return true;
    }) as Write;
    this.#restore.push(() => {
      stream.write = own;
    });
  }
}
