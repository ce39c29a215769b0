import { unreachable } from '../core/assert.ts';
import { escapeText } from '../core/escape-text.ts';
import type { RemoteStep } from '../core/remote/remote-step.ts';
import type { RemotePlace } from '../run/remote/remote-machine.ts';
import { formatBytes } from './format.ts';
import { leaveOnSignals } from './leave-on-signals.ts';
import { LiveArea } from './live-area.ts';
import { lookOf, moreMark } from './look.ts';
import { say } from './say.ts';
import { cutToWidth, padToWidth, widthOf } from './text-width.ts';

const redrawMs = 100;
const soonCopiedBytes = 1 << 20;
const labelMax = 30;

/** What goes on with each machine: a line for each that changes in place, or without a terminal one for each step. */
export class RemoteView {
  readonly #steps = new Map<string, RemoteStep | string>();
  readonly #stream = process.stderr;
  readonly #area: LiveArea | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(places: readonly RemotePlace[]) {
    for (const { name } of places) this.#steps.set(name, 'waiting');
    leaveOnSignals();
    const isDrawable = this.#stream.isTTY === true && this.#stream.columns > 0 && process.env.TERM !== 'dumb';
    if (!isDrawable) return;
    this.#area = new LiveArea(this.#stream, () => this.#draw());
    this.#timer = setInterval(() => this.#draw(), redrawMs);
  }

  readonly tell = ({ name }: RemotePlace, step: RemoteStep | string): void => {
    const before = this.#steps.get(name);
    this.#steps.set(name, step);
    if (this.#area === undefined && nameOf(step) !== nameOf(before)) say(`${escapeText(name)}: ${spell(step, false)}`);
  };

  /** The lines go, what follows says more. */
  close(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#area?.draw([]);
    this.#area?.end();
  }

  #draw(): void {
    const more = moreMark(lookOf(this.#stream, process.env));
    const label = Math.max(...[...this.#steps.keys()].map((name) => Math.min(labelMax, widthOf(escapeText(name)))));
    const lines = [...this.#steps].map(([name, step]) => {
      const start = padToWidth(cutToWidth(escapeText(name), label, more), label);
      return cutToWidth(`${start}  ${spell(step, true)}`, this.#stream.columns - 1, more);
    });
    this.#area?.draw(lines.slice(0, Math.max(1, this.#stream.rows - 1)));
  }
}

/** What makes a step another one. */
function nameOf(step: RemoteStep | string | undefined): string {
  if (step === undefined || typeof step === 'string') return step ?? '';
  return step.kind === 'copying' ? `${step.kind} ${step.what}` : step.kind;
}

function spell(step: RemoteStep | string, isLive: boolean): string {
  if (typeof step === 'string') return escapeText(step);
  switch (step.kind) {
    case 'connecting':
      return 'connecting';
    case 'looking':
      return 'looking at what is there';
    case 'copying': {
      const what = `copying ${escapeText(step.what)}`;
      if (step.total < soonCopiedBytes) return what;
      const part = isLive ? `${Math.floor((100 * step.bytes) / step.total)}% of ` : '';
      return `${what}, ${part}${formatBytes(step.total)}`;
    }
    case 'starting':
      return 'starting';
    default:
      return unreachable(step);
  }
}
